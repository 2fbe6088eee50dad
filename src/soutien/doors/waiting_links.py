"""The unguessable addresses of somebody who waits, asks, or is asked for their consent.

Each is a public id, signed, and of one kind only: nobody can make one from an id seen elsewhere,
and it holds no word on what it opens.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse

# The names of the pages they open.
WAIT, OFFER, REQUEST = "waiting_place", "waiting_offer", "waiting_request"
CONSENT = "consent_link"
_PADDING = "=="


def _signer(page: str) -> Signer:
    return Signer(sep=".", salt=f"soutien.{page}")


def token_of(page: str, public_id: UUID) -> str:
    """The token: letters, digits, ``-``, ``_`` and one point."""
    return _signer(page).sign(urlsafe_b64encode(public_id.bytes).decode().rstrip("="))


def public_id_of(page: str, token: str) -> UUID | None:
    """What a token opens; None when nobody here signed it for this page."""
    try:
        return UUID(bytes=urlsafe_b64decode(_signer(page).unsign(token) + _PADDING))
    except (BadSignature, ValueError):
        return None


def waiting_path(page: str, public_id: UUID) -> str:
    """The path of the page: WAIT, OFFER, REQUEST or CONSENT."""
    return reverse(page, args=[token_of(page, public_id)])
