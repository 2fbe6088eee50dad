"""Questions to the links sent by mail: each is good once, for a short time."""

from __future__ import annotations

import uuid
from datetime import datetime

from soutien.registers.accounts.models import MailLink


def keep_link(
    *,
    kind: str,
    email: str,
    account_id: int | None,
    person_id: int | None,
    browser: str,
    language: str,
    then: str,
    at: datetime,
    ends_at: datetime,
) -> MailLink:
    """Keep a link to send. The couriers write its address."""
    return MailLink.objects.create(
        kind=kind,
        email=email,
        account_id=account_id,
        person_id=person_id,
        browser=browser,
        language=language,
        then=then,
        asked_at=at,
        ends_at=ends_at,
    )


def by_id(link_id: int) -> MailLink | None:
    """The link of a letter."""
    return MailLink.objects.select_related("account__person").filter(pk=link_id).first()


def good(public_id: uuid.UUID, kind: str, *, at: datetime) -> MailLink | None:
    """The link of an address, while it is good."""
    found = MailLink.objects.select_related("account").filter(public_id=public_id, kind=kind)
    return found.filter(used_at__isnull=True, ends_at__gt=at).first()


def take(public_id: uuid.UUID, kind: str, *, at: datetime) -> MailLink | None:
    """Use a link: nobody does after, nor its like sent to the same account. None when over."""
    found = MailLink.objects.filter(public_id=public_id, kind=kind)
    if not found.filter(used_at__isnull=True, ends_at__gt=at).update(used_at=at):
        return None
    link = MailLink.objects.select_related("account").get(public_id=public_id)
    if link.account_id is not None:
        others = MailLink.objects.filter(account_id=link.account_id, kind=kind)
        others.filter(used_at__isnull=True).update(used_at=at)
    return link


def was_sent_from(link_id: int, former_email: str) -> None:
    """Who had the account's address before: told that it changed."""
    link = MailLink.objects.get(pk=link_id)
    link.former_email = former_email
    link.save(update_fields=["former_email"])


def forget_over(before: datetime) -> int:
    """Remove those that were over before a moment; how many."""
    return MailLink.objects.filter(ends_at__lt=before).delete()[0]
