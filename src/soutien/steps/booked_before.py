"""What somebody booked before they had an account, and may keep under it."""

from __future__ import annotations

import hmac

from soutien.registers.accounts import queries as accounts
from soutien.registers.accounts.models import MailLink


def booked_person(link: MailLink, browser: str) -> int | None:
    """The person of the bookings made in the browser that asked for the link, and in no other.

    An address with a slip of the finger belongs to a stranger: the link alone does not open what
    was booked. None as well when that person has an account already.
    """
    if link.person_id is None or not link.browser:
        return None
    if not hmac.compare_digest(link.browser, browser):
        return None
    if accounts.of_person(link.person_id) is not None:
        return None
    return link.person_id
