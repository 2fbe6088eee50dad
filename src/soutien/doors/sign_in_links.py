"""The unguessable addresses that mails carry to sign in, to join and to change what protects.

Each is the public id of a link, signed, and of one kind only. That it was used, and until when it
is good, stands in the register.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from soutien.registers.accounts.models import LinkKind

PAGES = {
    LinkKind.SIGN_IN: "open_link",
    LinkKind.JOIN: "join_finish",
    LinkKind.PASSWORD: "reset_password",
    LinkKind.EMAIL: "confirm_email",
    LinkKind.RECOVER: "open_recovery",
    LinkKind.OWN_SPACE: "open_own_space",
}
# What somebody who was told of a recovery may do with it, each by an address of its own.
STOP, FINISH = "stop_recovery", "finish_recovery"
_PADDING = "=="


def _signer(kind: LinkKind | str) -> Signer:
    return Signer(sep=".", salt=f"soutien.link.{kind}")


def link_token(kind: LinkKind | str, public_id: UUID) -> str:
    """The token: letters, digits, ``-``, ``_`` and one point."""
    return _signer(kind).sign(urlsafe_b64encode(public_id.bytes).decode().rstrip("="))


def recovery_path(what: str, public_id: UUID) -> str:
    """The path of the page that stops a recovery, or finishes it."""
    return reverse(what, args=[link_token(what, public_id)])


def link_id_of(kind: LinkKind | str, token: str) -> UUID | None:
    """What a token opens; None when nobody here signed it for this kind."""
    try:
        return UUID(bytes=urlsafe_b64decode(_signer(kind).unsign(token) + _PADDING))
    except (BadSignature, ValueError):
        return None


def link_path(kind: LinkKind, public_id: UUID) -> str:
    """The path of the page that the link opens, in the language at hand."""
    return reverse(PAGES[kind], args=[link_token(kind, public_id)])
