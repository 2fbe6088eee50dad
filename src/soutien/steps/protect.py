"""What protects an account: its password, its address, and the second factors.

Each change is told to the owner by mail. A code or a passkey that is taken once is taken for all
processes. A role that sees other people's data keeps at least one second factor.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from soutien.registers.accounts import factors, mail_links, open_sessions, recoveries
from soutien.registers.accounts import queries as accounts
from soutien.registers.accounts.models import Account, LinkKind, OpenSession, Passkey
from soutien.registers.api_keys import queries as api_keys
from soutien.registers.audit.queries import DONE, REFUSED
from soutien.steps.actor import Actor
from soutien.steps.codes import (
    NEAR,
    looks_shown,
    matching_counter,
    matching_digest,
    new_paper_codes,
    new_secret,
    paper_digest,
)
from soutien.steps.errors import Refusal
from soutien.steps.link_of_a_request import Asked, take_link
from soutien.steps.link_times import LASTS
from soutien.steps.permissions import NEEDS_SECOND_FACTOR, Relation, allow, relations
from soutien.steps.trace import act, announce, record
from soutien.steps.webauthn import NotProved, Site, named_credential, registered, signed

# How a second factor was given: codes that stay the same, for the trace and the pages.
SHOWN, PAPER = "totp", "paper"


@act("accounts.factor.prepared")
def prepare_totp(*, actor: Actor, at: datetime) -> str:
    """The key to put into an application, in base 32; it opens nothing until confirmed.

    The same one until then. Refuses ``factor_exists``.
    """
    allow(actor, "prepare_totp", _own(actor))
    account_id = _account_id(actor)
    if factors.totp_key(account_id) is not None:
        raise Refusal("factor_exists")
    draft = factors.totp_draft(account_id)
    if draft is None:
        draft = factors.draw_totp_key(account_id, secret=new_secret(), at=at)
        _record(actor, "accounts.factor.prepared", at, SHOWN)
    return str(draft.secret)


@act("accounts.factor.added")
def confirm_totp(*, actor: Actor, code: str, at: datetime) -> None:
    """The application shows the right code: it is a second factor now. Refuses ``code_wrong``."""
    allow(actor, "confirm_totp", _own(actor))
    draft = factors.totp_draft(_account_id(actor))
    if draft is None:
        raise Refusal("not_found")
    counter = matching_counter(draft.secret, code, at=at)
    if counter is None or not factors.keep_totp_key(draft.pk, counter=counter, at=at):
        raise Refusal("code_wrong")
    _record(actor, "accounts.factor.added", at, SHOWN)
    announce("accounts.factor.added", at=at, account=_account_id(actor))


@act("accounts.factor.removed")
def remove_totp(*, actor: Actor, at: datetime) -> None:
    """The application's codes open nothing any more. Refuses ``not_found``, ``last_factor``."""
    allow(actor, "remove_totp", _own(actor))
    if factors.totp_key(_account_id(actor)) is None:
        raise Refusal("not_found")
    _keep_one(actor)
    factors.drop_totp_key(_account_id(actor))
    _removed(actor, at, SHOWN)


@act("accounts.factor.used")
def check_code(*, actor: Actor, code: str, at: datetime, ahead: int = NEAR) -> str:
    """Which second factor a code is: ``totp``, ``paper``, or nothing when it is wrong.

    Each code is good once, an application's as well. ``ahead`` is how many codes to come are
    taken too.
    """
    allow(actor, "check_code", _own(actor))
    account_id = _account_id(actor)
    how = ""
    if looks_shown(code):
        key = factors.totp_key(account_id)
        counter = key and matching_counter(
            key.secret, code, at=at, after=key.last_counter, ahead=ahead
        )
        if key and counter and factors.take_counter(key.pk, counter, at=at):
            how = SHOWN
    else:
        unused = factors.unused_codes(account_id)
        position = matching_digest(code, [paper.digest for paper in unused])
        if position is not None and factors.take_code(unused[position].pk, at=at):
            how = PAPER
            announce("accounts.code.used", at=at, account=account_id)
    if how:
        _record(actor, "accounts.factor.used", at, how)
        _nothing_is_lost(actor, account_id, actor.person_id, at)
    else:
        _record(actor, "accounts.factor.refused", at, "code", result=REFUSED)
    return how


@act("accounts.factor.added")
def add_passkey(
    *,
    actor: Actor,
    site: Site,
    state: Mapping[str, Any],
    answer: str,
    name: str,
    at: datetime,
) -> Passkey:
    """Keep the passkey that a device has just made. Refuses ``passkey_refused``."""
    allow(actor, "add_passkey", _own(actor))
    try:
        made = registered(site, state, answer)
    except NotProved:
        raise Refusal("passkey_refused") from None
    if factors.passkey_of_credential(made.credential_id) is not None:
        raise Refusal("passkey_refused")
    passkey = factors.store_passkey(
        _account_id(actor),
        name=name,
        credential_id=made.credential_id,
        credential=made.data,
        sign_count=made.sign_count,
        at=at,
    )
    _record(actor, "accounts.factor.added", at, "passkey")
    announce("accounts.factor.added", at=at, account=_account_id(actor))
    return passkey


@act("accounts.factor.used")
def check_passkey(
    *,
    actor: Actor,
    site: Site,
    state: Mapping[str, Any],
    answer: str,
    at: datetime,
) -> Account:
    """Whose passkey signed: the actor's own, or anybody's when nobody signed in yet.

    Refuses ``passkey_refused``, and leaves that to its door to write down.
    """
    allow(actor, "check_passkey", relations(actor, account_id=actor.account_id, by_link=True))
    try:
        passkey = factors.passkey_of_credential(named_credential(answer))
        if passkey is None or actor.account_id not in (None, passkey.account_id):
            raise NotProved
        proof = signed(site, state, answer, credential=bytes(passkey.credential))
    except NotProved:
        raise Refusal("passkey_refused") from None
    account = accounts.by_id(passkey.account_id)
    if account is None or not account.is_active:
        raise Refusal("passkey_refused")
    if not factors.take_passkey(passkey.pk, proof.sign_count, at=at):
        raise Refusal("passkey_refused")
    record(
        actor,
        "accounts.factor.used",
        at=at,
        object_id=account.pk,
        person_id=account.person_id,
        reason="passkey",
    )
    _nothing_is_lost(actor, account.pk, account.person_id, at)
    return account


@act("accounts.factor.renamed")
def rename_passkey(*, actor: Actor, public_id: uuid.UUID, name: str, at: datetime) -> None:
    """Call a passkey otherwise, to know it again. Refuses ``not_found``."""
    allow(actor, "rename_passkey", _own(actor))
    factors.call_passkey(_passkey(actor, public_id).pk, name)
    _record(actor, "accounts.factor.renamed", at, "passkey")


@act("accounts.factor.removed")
def remove_passkey(*, actor: Actor, public_id: uuid.UUID, at: datetime) -> None:
    """A passkey opens nothing any more. Refuses ``not_found`` and ``last_factor``."""
    allow(actor, "remove_passkey", _own(actor))
    passkey = _passkey(actor, public_id)
    _keep_one(actor)
    factors.drop_passkey(passkey.pk)
    _removed(actor, at, "passkey")


@act("accounts.factor.added")
def make_recovery_codes(*, actor: Actor, at: datetime) -> tuple[str, ...]:
    """New codes to print, told this once only; those of before are good no more.

    Refuses ``factor_missing``: they stand in for a second factor, and are not one.
    """
    allow(actor, "make_recovery_codes", _own(actor))
    accounts.lock(_account_id(actor))
    if not factors.has_any(_account_id(actor)):
        raise Refusal("factor_missing")
    codes = new_paper_codes()
    factors.replace_codes(_account_id(actor), [paper_digest(code) for code in codes], at=at)
    _record(actor, "accounts.factor.added", at, PAPER)
    announce("accounts.factor.added", at=at, account=_account_id(actor))
    return codes


@act("accounts.password.changed")
def change_password(
    *,
    actor: Actor,
    password: str,
    keep: OpenSession | None,
    at: datetime,
    end_keys: bool = False,
) -> Account:
    """Another password; every other browser is signed out, and programs too with ``end_keys``."""
    allow(actor, "change_password", _own(actor))
    account = accounts.lock(_account_id(actor))
    accounts.record_password(account, password)
    open_sessions.end_all(account.pk, at=at, why="password", keep=keep.pk if keep else None)
    if end_keys and api_keys.revoke_all(account.pk, at=at):
        _record(actor, "api_keys.key.revoked", at, "password")
    _record(actor, "accounts.password.changed", at, "")
    announce("accounts.password.changed", at=at, account=account.pk)
    return account


@act("accounts.password.changed")
def replace_password(
    *, actor: Actor, public_id: uuid.UUID, asked: Asked, password: str, at: datetime
) -> Account:
    """A new password by a link sent by mail; every browser is signed out.

    Refuses ``link_over`` and ``link_elsewhere``. The second factors stay: a mailbox alone does
    not open an account that has one.
    """
    allow(actor, "replace_password", relations(actor, by_link=True))
    link = take_link(public_id, LinkKind.PASSWORD, asked, at=at)
    assert link.account is not None
    accounts.record_password(link.account, password)
    open_sessions.end_all(link.account.pk, at=at, why="password")
    record(
        actor,
        "accounts.password.changed",
        at=at,
        object_id=link.account.pk,
        person_id=link.account.person_id,
        reason="link",
    )
    announce("accounts.password.changed", at=at, account=link.account.pk)
    return link.account


@act("accounts.link.asked")
def ask_for_new_email(*, actor: Actor, email: str, language: str, at: datetime) -> None:
    """Send a link to a new address: until it is followed, nothing changes."""
    allow(actor, "ask_for_new_email", _own(actor))
    link = mail_links.keep_link(
        kind=LinkKind.EMAIL,
        email=email,
        account_id=_account_id(actor),
        person_id=None,
        browser="",
        language=language,
        then="",
        at=at,
        ends_at=at + LASTS[LinkKind.EMAIL],
    )
    _record(actor, "accounts.link.asked", at, str(LinkKind.EMAIL))
    announce("accounts.link.asked", at=at, link=link.pk)


@act("accounts.email.changed")
def confirm_new_email(*, actor: Actor, public_id: uuid.UUID, at: datetime) -> Account:
    """The new address is the account's: its mailbox was opened. The former one is told.

    Refuses ``link_over``, also when the address became somebody else's meanwhile.
    """
    allow(actor, "confirm_new_email", relations(actor, by_link=True))
    link = mail_links.take(public_id, LinkKind.EMAIL, at=at)
    if link is None or link.account is None or accounts.by_email(link.email) is not None:
        raise Refusal("link_over")
    mail_links.was_sent_from(link.pk, link.account.email)
    accounts.record_email(link.account.pk, link.email)
    record(
        actor,
        "accounts.email.changed",
        at=at,
        object_id=link.account.pk,
        person_id=link.account.person_id,
    )
    announce("accounts.email.changed", at=at, link=link.pk)
    return link.account


def _own(actor: Actor) -> frozenset[Relation]:
    return relations(actor, account_id=actor.account_id)


def _account_id(actor: Actor) -> int:
    if actor.account_id is None:
        raise Refusal("not_allowed")
    return actor.account_id


def _record(actor: Actor, event: str, at: datetime, reason: str, *, result: str = DONE) -> None:
    record(
        actor,
        event,
        at=at,
        object_id=actor.account_id or 0,
        person_id=actor.person_id,
        reason=reason,
        result=result,
    )


def _passkey(actor: Actor, public_id: uuid.UUID) -> Passkey:
    passkey = factors.passkey(_account_id(actor), public_id)
    if passkey is None:
        raise Refusal("not_found")
    return passkey


def _nothing_is_lost(actor: Actor, account_id: int, person_id: int | None, at: datetime) -> None:
    """A second factor was used: whoever says that all are lost is somebody else, or was wrong."""
    found = recoveries.open_of(account_id, at=at)
    if found is not None and recoveries.stop(found.pk, at=at, why="factor_used"):
        record(actor, "accounts.recovery.stopped", at=at, object_id=found.pk, person_id=person_id)
        announce("accounts.recovery.stopped", at=at, recovery=found.pk)


def _keep_one(actor: Actor) -> None:
    """Refuse to take away the last second factor of a role that needs one."""
    accounts.lock(_account_id(actor))
    if actor.role in NEEDS_SECOND_FACTOR and factors.count(_account_id(actor)) == 1:
        raise Refusal("last_factor")


def _removed(actor: Actor, at: datetime, how: str) -> None:
    """Codes on paper go with the last second factor: they only stand in for one."""
    if not factors.has_any(_account_id(actor)):
        factors.drop_codes(_account_id(actor))
    _record(actor, "accounts.factor.removed", at, how)
    announce("accounts.factor.removed", at=at, account=_account_id(actor))
