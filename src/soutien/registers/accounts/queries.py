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


def by_id(account_id: int) -> Account | None:
    """The account of a key."""
    return Account.objects.filter(pk=account_id).first()


def lock(account_id: int) -> Account:
    """The account, kept as it is until the transaction ends. Raises Account.DoesNotExist."""
    return Account.objects.select_for_update().get(pk=account_id)


def open_for_person(email: str, *, password: str | None, person_id: int, role: str) -> Account:
    """A new account of a person. Raises IntegrityError when the address has one."""
    return Account.objects.create_user(email, password, role=role, person_id=person_id)


def record_password(account: Account, password: str) -> None:
    """Another password, or none at all when it is empty."""
    account.set_password(password or None)
    Account.objects.filter(pk=account.pk).update(password=account.password)


def record_email(account_id: int, email: str) -> None:
    """Another address. Raises IntegrityError when it is somebody else's."""
    Account.objects.filter(pk=account_id).update(email=email)
