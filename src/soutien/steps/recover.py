"""Recovering an account whose every second factor is lost: by a second way, with time to object.

A mailbox alone opens nothing at once: all addresses of the account are told, a while passes, and
whoever hears of it may stop it; so does the use of a factor that was not lost. Roles that see
other people's data are vouched for by two administrators who saw a paper.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from soutien.registers.accounts import factors, mail_links, open_sessions, recoveries
from soutien.registers.accounts import queries as accounts
from soutien.registers.accounts.models import Account, LinkKind, Recovery, Role
from soutien.registers.api_keys import queries as api_keys
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.link_times import RECOVERY_OPEN, RECOVERY_WAITS, SECOND_WITHIN
from soutien.steps.permissions import NEEDS_SECOND_FACTOR, allow, relations
from soutien.steps.trace import act, announce, record


@act("accounts.recovery.begun")
def begin_recovery(*, actor: Actor, public_id: uuid.UUID, at: datetime) -> Recovery:
    """By a link sent to the account's address: from now on it waits, and all addresses are told.

    Begun twice, it is one. Refuses ``link_over``, ``recovery_by_people`` for roles that see other
    people's data, and ``recovery_needless`` for an account without a second factor.
    """
    allow(actor, "begin_recovery", relations(actor, by_link=True))
    link = mail_links.take(public_id, LinkKind.RECOVER, at=at)
    if link is None or link.account is None or not link.account.is_active:
        raise Refusal("link_over")
    account = accounts.lock(link.account.pk)
    if account.role in NEEDS_SECOND_FACTOR:
        raise Refusal("recovery_by_people")
    if not factors.has_any(account.pk):
        raise Refusal("recovery_needless")
    kept = recoveries.open_of(account.pk, at=at)
    if kept is not None:
        return kept
    ready_at = at + RECOVERY_WAITS["mail"]
    made = recoveries.begin_by_mail(
        account.pk, at=at, ready_at=ready_at, ends_at=ready_at + RECOVERY_OPEN
    )
    _record(actor, "accounts.recovery.begun", made, account, at, reason="mail")
    _announce_wait(made, at, ready_at)
    return made


@act("accounts.recovery.vouched")
def vouch_for_recovery(
    *, actor: Actor, email: str, by_account: int, proof: str, at: datetime
) -> Recovery:
    """An administrator saw a paper of the owner; once another says the same, it waits.

    ``by_account`` is an administrator whose second factor the door has just checked. Refuses
    ``not_found``, ``recovery_needless``, ``recovery_open`` and ``recovery_same_person``.
    """
    allow(actor, "vouch_for_recovery")
    witness = accounts.by_id(by_account)
    if witness is None or witness.role != Role.ADMINISTRATOR or not witness.is_active:
        raise Refusal("not_allowed")
    found = accounts.by_email(email)
    if found is None or not found.is_active or found.pk == by_account:
        raise Refusal("not_found")
    account = accounts.lock(found.pk)
    if not factors.has_any(account.pk):
        raise Refusal("recovery_needless")
    kept = recoveries.open_of(account.pk, at=at)
    if kept is None:
        kept = _vouched(account, by_account, proof, at)
    elif kept.state != Recovery.VOUCHED:
        raise Refusal("recovery_open")
    elif kept.first_by == by_account:
        raise Refusal("recovery_same_person")
    else:
        ready_at = at + RECOVERY_WAITS["people"]
        if not recoveries.second(
            kept.pk, by=by_account, ready_at=ready_at, ends_at=ready_at + RECOVERY_OPEN
        ):
            raise Refusal("recovery_open")
        _announce_wait(kept, at, ready_at)
    by = Actor(Role.ADMINISTRATOR, account_id=by_account)
    _record(by, "accounts.recovery.vouched", kept, account, at, reason="people")
    return recoveries.by_id(kept.pk) or kept


@act("accounts.recovery.stopped")
def stop_recovery(*, actor: Actor, public_id: uuid.UUID, at: datetime) -> bool:
    """Whoever was told says that it was not them; false when it was over."""
    allow(actor, "stop_recovery", relations(actor, by_link=True))
    recovery = recoveries.by_public_id(public_id)
    if recovery is None:
        raise Refusal("link_over")
    if not recoveries.stop(recovery.pk, at=at, why="refused"):
        return False
    _record(actor, "accounts.recovery.stopped", recovery, recovery.account, at)
    announce("accounts.recovery.stopped", at=at, recovery=recovery.pk)
    return True


@act("accounts.recovery.done")
def finish_recovery(*, actor: Actor, public_id: uuid.UUID, password: str, at: datetime) -> Account:
    """By the link that is sent when the time has come: a new password, and no second factor left.

    Every browser is signed out and every key of a program ended. Refuses ``link_over``.
    """
    allow(actor, "finish_recovery", relations(actor, by_link=True))
    recovery = recoveries.by_public_id(public_id)
    if recovery is None or not recovery.account.is_active:
        raise Refusal("link_over")
    account = accounts.lock(recovery.account_id)
    if not recoveries.take(recovery.pk, at=at):
        raise Refusal("link_over")
    recoveries.drop_all_factors(account.pk)
    accounts.record_password(account, password)
    open_sessions.end_all(account.pk, at=at, why="recovered")
    api_keys.revoke_all(account.pk, at=at)
    _record(actor, "accounts.recovery.done", recovery, account, at, reason=recovery.how)
    announce("accounts.recovery.done", at=at, recovery=recovery.pk)
    return account


def _vouched(account: Account, by: int, proof: str, at: datetime) -> Recovery:
    if not proof.strip():
        raise Refusal("recovery_proof", fields=("proof",))
    try:
        with transaction.atomic():
            return recoveries.vouch(
                account.pk, by=by, proof=proof.strip(), at=at, ends_at=at + SECOND_WITHIN
            )
    except IntegrityError as error:
        raise Refusal("recovery_open") from error


def _announce_wait(recovery: Recovery, at: datetime, ready_at: datetime) -> None:
    announce("accounts.recovery.begun", at=at, recovery=recovery.pk)
    announce("accounts.recovery.ready", at=at, not_before=ready_at, recovery=recovery.pk)


def _record(
    actor: Actor,
    event: str,
    recovery: Recovery,
    account: Account,
    at: datetime,
    *,
    reason: str = "",
) -> None:
    record(actor, event, at=at, object_id=recovery.pk, person_id=account.person_id, reason=reason)
