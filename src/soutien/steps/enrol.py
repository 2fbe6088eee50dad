"""Accounts that somebody opens for others: whoever works with the product, by its operator.

People open their own (steps/enter.py). No password passes here: the address is sent a link.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from soutien.registers.accounts import open_sessions
from soutien.registers.accounts import queries as accounts
from soutien.registers.accounts.models import Account, Role
from soutien.registers.calendars import queries as calendars
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow
from soutien.steps.trace import act, looking, record

# What an account of a role is tied to: exactly one of these, or nothing.
NEEDS = {
    Role.PERSON: "person_id",
    Role.GUARDIAN: "person_id",
    Role.PSYCHOLOGIST: "psychologist_id",
    Role.REPLACEMENT: "psychologist_id",
    Role.FUND_AGENT: "fund_code",
    Role.FUND_SUPERVISOR: "fund_code",
    Role.INSURER_AGENT: "insurer_code",
    Role.TOWN_EDITOR: "town_code",
    Role.TOWN_AUTHOR: "town_code",
}
ROLES = tuple(role for role in Role.values if role != Role.ANONYMOUS)


@dataclass(frozen=True, slots=True)
class Tie:
    """Whom an account belongs to, or which fund, insurer or town it works for."""

    person_id: int | None = None
    psychologist_id: int | None = None
    fund_code: str = ""
    insurer_code: str = ""
    town_code: str = ""


NO_TIE = Tie()


@act("accounts.account.added")
def add_account(
    *, actor: Actor, email: str, role: str, at: datetime, name: str = "", tie: Tie = NO_TIE
) -> Account:
    """A new account without a password. Refuses ``email_taken`` and ``role_needs``."""
    allow(actor, "add_account")
    _refuse_wrong_tie(role, tie)
    try:
        with transaction.atomic():
            account = accounts.add(
                email,
                role=role,
                display_name=name,
                person_id=tie.person_id,
                psychologist_id=tie.psychologist_id,
                fund_code=tie.fund_code,
                insurer_code=tie.insurer_code,
                town_code=tie.town_code,
            )
    except IntegrityError as error:
        raise Refusal("email_taken", fields=("email",)) from error
    record(
        actor,
        "accounts.account.added",
        at=at,
        object_id=account.pk,
        person_id=tie.person_id,
        reason=role,
    )
    return account


@act("accounts.account.closed")
def close_account(*, actor: Actor, email: str, at: datetime) -> bool:
    """Nobody signs in with it any more, and what it opened is shut; false when it was closed.

    Its sessions end everywhere, and the private addresses of its calendars no longer open.
    """
    allow(actor, "close_account")
    account = _locked(email)
    if not account.is_active:
        return False
    accounts.record_active(account.pk, active=False)
    _shut(account, at, why="closed")
    _record(actor, "accounts.account.closed", account, at)
    return True


@act("accounts.account.reopened")
def reopen_account(*, actor: Actor, email: str, at: datetime) -> bool:
    """Its owner may sign in again; false when it was open. Nothing that ended comes back."""
    allow(actor, "reopen_account")
    account = _locked(email)
    if account.is_active:
        return False
    accounts.record_active(account.pk, active=True)
    _record(actor, "accounts.account.reopened", account, at)
    return True


@act("accounts.account.role_changed")
def change_role(
    *, actor: Actor, email: str, role: str, at: datetime, tie: Tie = NO_TIE
) -> Account:
    """Another role, with what that role is tied to. What the former one opened is shut."""
    allow(actor, "change_role")
    _refuse_wrong_tie(role, tie)
    account = _locked(email)
    accounts.record_role(
        account.pk,
        role=role,
        person_id=tie.person_id,
        psychologist_id=tie.psychologist_id,
        fund_code=tie.fund_code,
        insurer_code=tie.insurer_code,
        town_code=tie.town_code,
    )
    _shut(account, at, why="role")
    _record(actor, "accounts.account.role_changed", account, at, reason=role)
    return accounts.lock(account.pk)


@looking("accounts.account.listed")
def list_accounts(
    *, actor: Actor, at: datetime, role: str = "", email: str = ""
) -> tuple[Account, ...]:
    """Every account, or those of a role, or that of exactly one address; by address."""
    allow(actor, "list_accounts")
    found = tuple(accounts.by_address(role, email))
    record(actor, "accounts.account.listed", at=at, object_id=len(found), reason=role)
    return found


def _refuse_wrong_tie(role: str, tie: Tie) -> None:
    if role not in ROLES:
        raise Refusal("role_needs", needs=", ".join(ROLES), role=role or "?")
    needed = NEEDS.get(Role(role), "")
    given = {name for name in Tie.__slots__ if getattr(tie, name)}
    if given != ({needed} if needed else set()):
        words = needed.removesuffix("_id").replace("_", " ") or "-"
        raise Refusal("role_needs", needs=words, role=role)


def _locked(email: str) -> Account:
    found = accounts.by_email(email)
    if found is None:
        raise Refusal("not_found")
    return accounts.lock(found.pk)


def _shut(account: Account, at: datetime, *, why: str) -> None:
    """End its sessions, and the private address where its appointments were read."""
    open_sessions.end_all(account.pk, at=at, why=why)
    if account.person_id or account.psychologist_id:
        calendars.close_feed(
            at=at, person_id=account.person_id, psychologist_id=account.psychologist_id
        )


def _record(actor: Actor, event: str, account: Account, at: datetime, *, reason: str = "") -> None:
    record(actor, event, at=at, object_id=account.pk, person_id=account.person_id, reason=reason)
