"""The unguessable address where a psychologist says in one click what is still true.

It is the public id of the request, signed: nobody can make one, and it names nobody.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse

_PADDING = "=="


def _signer() -> Signer:
    return Signer(sep=".", salt="soutien.entry")


def entry_token(request_id: UUID) -> str:
    """The token of a request: letters, digits, ``-``, ``_`` and one point."""
    return _signer().sign(urlsafe_b64encode(request_id.bytes).decode().rstrip("="))


def request_id_of(token: str) -> UUID | None:
    """The request a token opens; None when nobody here signed it."""
    try:
        return UUID(bytes=urlsafe_b64decode(_signer().unsign(token) + _PADDING))
    except (BadSignature, ValueError):
        return None


def entry_path(request_id: UUID) -> str:
    """The path of the page; letters put it after the address of the site."""
    return reverse("confirm_entry", args=[entry_token(request_id)])
