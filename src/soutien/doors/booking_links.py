"""The unguessable address of a booking, for those who booked without an account.

It is the booking's public id, signed: nobody can make one from an id seen elsewhere, and it
holds no word on what it opens.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse

_PADDING = "=="


def _signer() -> Signer:
    return Signer(sep=".", salt="soutien.booking")


def token_of(public_id: UUID) -> str:
    """The token of a booking: letters, digits, ``-``, ``_`` and one point."""
    return _signer().sign(urlsafe_b64encode(public_id.bytes).decode().rstrip("="))


def public_id_of(token: str) -> UUID | None:
    """The booking a token opens; None when nobody here signed it."""
    try:
        return UUID(bytes=urlsafe_b64decode(_signer().unsign(token) + _PADDING))
    except (BadSignature, ValueError):
        return None


def booking_path(public_id: UUID, page: str = "booking") -> str:
    """The path of a booking's page, or of its calendar file or its cancelling page."""
    return reverse(page, args=[token_of(public_id)])
