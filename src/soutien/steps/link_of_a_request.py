"""A link sent by mail, and the request that it answers: it is used by who made that request."""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime

from soutien.registers.accounts import mail_links
from soutien.registers.accounts.models import LinkKind, MailLink
from soutien.steps.errors import Refusal


@dataclass(frozen=True)
class Asked:
    """What shows that one asked: the browser's own digest, else the address that was given."""

    browser: str = ""
    email: str = ""


def same_browser(link: MailLink, browser: str) -> bool:
    """Whether a link is opened where it was asked for."""
    return bool(link.browser) and hmac.compare_digest(link.browser, browser)


def take_link(public_id: uuid.UUID, kind: LinkKind, asked: Asked, *, at: datetime) -> MailLink:
    """Use a link that signs in. Refuses ``link_over``, and ``link_elsewhere`` to another browser
    that does not know the address: whoever sends us a link of theirs signs us in nowhere.
    """
    link = mail_links.good(public_id, kind, at=at)
    if link and not (same_browser(link, asked.browser) or _same_address(link, asked.email)):
        raise Refusal("link_elsewhere")
    link = mail_links.take(public_id, kind, at=at)
    if link is None or link.account is None or not link.account.is_active:
        raise Refusal("link_over")
    return link


def _same_address(link: MailLink, email: str) -> bool:
    return hmac.compare_digest(link.email.lower().encode(), email.lower().encode())
