"""Questions to the accounts."""

from __future__ import annotations

from typing import Any

from soutien.registers.accounts.models import Account, email_index, written_email
from soutien.sealing import ForRow


def by_email(email: str) -> Account | None:
    """The account of an e-mail address, whatever its capitals."""
    return Account.objects.filter(email_index__in=email_index().indexes(email)).first()


def of_person(person_id: int) -> Account | None:
    """The account of a person."""
    return Account.objects.filter(person_id=person_id).order_by("id").first()


def of_psychologist(psychologist_id: int) -> Account | None:
    """The account of a psychologist."""
    return Account.objects.filter(psychologist_id=psychologist_id).order_by("id").first()


def oldest(count: int) -> list[Account]:
    """The first accounts that were opened and are still open."""
    return list(Account.objects.filter(is_active=True).order_by("id")[:count])


def by_id(account_id: int) -> Account | None:
    """The account of a key."""
    return Account.objects.filter(pk=account_id).first()


def lock(account_id: int) -> Account:
    """The account, kept as it is until the transaction ends. Raises Account.DoesNotExist."""
    return Account.objects.select_for_update().get(pk=account_id)


def open_for_person(email: str, *, password: str | None, person_id: int, role: str) -> Account:
    """A new account of a person. Raises IntegrityError when the address has one."""
    return Account.objects.create_user(email, password, role=role, person_id=person_id)


def add(email: str, **fields: Any) -> Account:
    """A new account without a password. Raises IntegrityError when the address has one."""
    return Account.objects.create_user(email, None, **fields)


def record_active(account_id: int, *, active: bool) -> None:
    """Open or closed."""
    Account.objects.filter(pk=account_id).update(is_active=active)


def record_role(account_id: int, **fields: Any) -> None:
    """Another role, with what it is tied to."""
    Account.objects.filter(pk=account_id).update(**fields)


def by_address(role: str = "", email: str = "") -> list[Account]:
    """All accounts, or those of a role, or that of an address; in the order of addresses."""
    found = Account.objects.filter(role=role) if role else Account.objects.all()
    if email:
        found = found.filter(email_index__in=email_index().indexes(email))
    return sorted(found, key=lambda account: account.email)


def record_password(account: Account, password: str) -> None:
    """Another password, or none at all when it is empty."""
    account.set_password(password or None)
    Account.objects.filter(pk=account.pk).update(password=account.password)


def record_email(account_id: int, email: str) -> None:
    """Another address. Raises IntegrityError when it is somebody else's."""
    email_index().refuse_another(email, but=account_id)
    public_id = Account.objects.values_list("public_id", flat=True).get(pk=account_id)
    Account.objects.filter(pk=account_id).update(
        email=ForRow(written_email(email), public_id), email_index=email_index().index(email)
    )
