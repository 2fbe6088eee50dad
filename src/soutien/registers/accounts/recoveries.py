"""Questions to the recoveries. What may happen once is one statement that says whether it did."""

from __future__ import annotations

import uuid
from datetime import datetime

from soutien.registers.accounts.models import Passkey, Recovery, RecoveryCode, TotpKey

OPEN = (Recovery.VOUCHED, Recovery.WAITING)


def open_of(account_id: int, *, at: datetime) -> Recovery | None:
    """The recovery of an account that goes on, if any; one that ran out is closed on the way."""
    found = Recovery.objects.filter(account_id=account_id, state__in=OPEN)
    found.filter(ends_at__lte=at).update(state=Recovery.STOPPED, ended_at=at, ended_why="ran_out")
    return found.first()


def begin_by_mail(
    account_id: int, *, at: datetime, ready_at: datetime, ends_at: datetime
) -> Recovery:
    """One that waits from now on. Raises IntegrityError beside another."""
    return Recovery.objects.create(
        account_id=account_id,
        how="mail",
        state=Recovery.WAITING,
        began_at=at,
        ready_at=ready_at,
        ends_at=ends_at,
    )


def vouch(account_id: int, *, by: int, proof: str, at: datetime, ends_at: datetime) -> Recovery:
    """One administrator saw a paper. Raises IntegrityError beside another recovery."""
    return Recovery.objects.create(
        account_id=account_id,
        how="people",
        state=Recovery.VOUCHED,
        proof=proof,
        first_by=by,
        began_at=at,
        ends_at=ends_at,
    )


def second(recovery_id: int, *, by: int, ready_at: datetime, ends_at: datetime) -> bool:
    """Another administrator says the same; false when it is no longer to be said."""
    found = Recovery.objects.filter(pk=recovery_id, state=Recovery.VOUCHED).exclude(first_by=by)
    return bool(
        found.update(state=Recovery.WAITING, second_by=by, ready_at=ready_at, ends_at=ends_at)
    )


def by_public_id(public_id: uuid.UUID) -> Recovery | None:
    """The recovery of an address, with its account."""
    return Recovery.objects.select_related("account").filter(public_id=public_id).first()


def by_id(recovery_id: int) -> Recovery | None:
    """The recovery of a letter, with its account."""
    found = Recovery.objects.select_related("account__person", "account__psychologist")
    return found.filter(pk=recovery_id).first()


def stop(recovery_id: int, *, at: datetime, why: str) -> bool:
    """End one that goes on; false when it was over."""
    found = Recovery.objects.filter(pk=recovery_id, state__in=OPEN)
    return bool(found.update(state=Recovery.STOPPED, ended_at=at, ended_why=why))


def ready(recovery: Recovery, *, at: datetime) -> bool:
    """Whether its time has come, and is not over."""
    waits = recovery.state == Recovery.WAITING and recovery.ready_at is not None
    return waits and recovery.ready_at is not None and recovery.ready_at <= at < recovery.ends_at


def take(recovery_id: int, *, at: datetime) -> bool:
    """Use it, once; false when it was stopped or used, is too early or too late."""
    found = Recovery.objects.filter(
        pk=recovery_id, state=Recovery.WAITING, ready_at__lte=at, ends_at__gt=at
    )
    return bool(found.update(state=Recovery.DONE, ended_at=at, ended_why="done"))


def drop_all_factors(account_id: int) -> None:
    """Every second factor of an account, and its codes on paper."""
    for table in (TotpKey, Passkey, RecoveryCode):
        table._default_manager.filter(account_id=account_id).delete()
