"""Questions to the accounts."""

from __future__ import annotations

from soutien.registers.accounts.models import Account


def by_email(email: str) -> Account | None:
    """The account of an e-mail address, whatever its capitals."""
    return Account.objects.filter(email=email.strip().lower()).first()


def of_person(person_id: int) -> Account | None:
    """The account of a person."""
    return Account.objects.filter(person_id=person_id).order_by("id").first()


def of_psychologist(psychologist_id: int) -> Account | None:
    """The account of a psychologist."""
    return Account.objects.filter(psychologist_id=psychologist_id).order_by("id").first()


def oldest(count: int) -> list[Account]:
    """The first accounts that were opened and are still open."""
    return list(Account.objects.filter(is_active=True).order_by("id")[:count])
