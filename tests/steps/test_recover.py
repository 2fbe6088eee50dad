"""Every second factor is lost: a while passes, whoever is told may object; nothing old stays."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from tests import factories as make
from tests.signing_in import next_code, totp_key
from tests.steps.refusals import refused

from soutien.doors.couriers.message import Message
from soutien.doors.couriers.writers import WRITERS
from soutien.doors.couriers.writing import Task
from soutien.registers.accounts import factors, mail_links, open_sessions, recoveries
from soutien.registers.accounts.models import Account, LinkKind, Recovery, Role
from soutien.registers.api_keys import queries as api_keys
from soutien.registers.audit.models import Entry
from soutien.registers.outbox.models import Letter
from soutien.steps.actor import ANONYMOUS, SYSTEM, Actor
from soutien.steps.link_times import RECOVERY_OPEN, RECOVERY_WAITS
from soutien.steps.protect import change_password, check_code
from soutien.steps.recover import (
    begin_recovery,
    finish_recovery,
    stop_recovery,
    vouch_for_recovery,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
DAY, NEW = timedelta(days=1), "un autre mot de passe"
READY = NOW + RECOVERY_WAITS["mail"]


@pytest.fixture
def owner() -> Account:
    """Somebody with an application of codes, a session and a key of a program."""
    who = make.person(at=NOW, email="contact@example.org")
    account = make.account(Role.PERSON, person=who, email="compte@example.org")
    totp_key(account)
    open_sessions.begin(
        account_id=account.pk, session_key="k", device="d", how="link", second_factor=True,
        at=NOW, ends_at=NOW + 30 * DAY,
    )  # fmt: skip
    key(account)
    return account


def key(account: Account) -> None:
    api_keys.make(
        account_id=account.pk, name="un programme", scopes=["read"], second_factor=True,
        at=NOW, valid_before=NOW + 90 * DAY,
    )  # fmt: skip


def link(account: Account, at: datetime = NOW) -> uuid.UUID:
    """What the mail asked for carries."""
    return mail_links.keep_link(
        kind=LinkKind.RECOVER, email=account.email, account_id=account.pk, person_id=None,
        browser="", language="fr", then="", at=at, ends_at=at + timedelta(minutes=30),
    ).public_id  # fmt: skip


def begin(account: Account, at: datetime = NOW) -> Recovery:
    return begin_recovery(actor=ANONYMOUS, public_id=link(account, at), at=at)


def finish(recovery: Recovery, at: datetime = READY) -> Account:
    return finish_recovery(actor=ANONYMOUS, public_id=recovery.public_id, password=NEW, at=at)


def messages(kind: str, at: datetime) -> list[Message]:
    return [
        message
        for letter in Letter.objects.filter(
            kind=f"accounts.recovery.{kind}", deliver_after__lte=at
        )
        for message in WRITERS[letter.kind](Task(letter=letter, at=at, channels=("mail",)))
    ]


def told(kind: str, at: datetime) -> set[str]:
    return {message.to for message in messages(kind, at)}


def vouch(account: Account, by: Account, proof: str = "passeport, 12AB", at: datetime = NOW):
    return vouch_for_recovery(
        actor=SYSTEM, email=account.email, by_account=by.pk, proof=proof, at=at
    )


def test_after_seven_days_without_objection_nothing_old_opens_the_account(owner: Account):
    recovery = begin(owner)
    assert told("begun", NOW) == {"compte@example.org", "contact@example.org"}
    assert told("ready", READY - timedelta(minutes=1)) == set()
    with refused("link_over"):
        finish(recovery, READY - timedelta(minutes=1))
    assert factors.has_any(owner.pk)
    assert told("ready", READY) == {"compte@example.org"}
    account = finish(recovery)
    assert make.reread(account).check_password(NEW)
    assert not factors.has_any(owner.pk) and factors.codes_left(owner.pk) == 0
    assert not open_sessions.going_on(owner.pk, at=READY).exists()
    assert api_keys.of_account(owner.pk, at=READY) == []
    assert told("done", READY) == {"compte@example.org", "contact@example.org"}
    with refused("link_over"):
        finish(recovery)
    lines = Entry.objects.filter(event__startswith="accounts.recovery.", result="done")
    assert sorted(lines.values_list("event", flat=True)) == [
        "accounts.recovery.begun",
        "accounts.recovery.done",
    ]
    assert {line.person_id for line in lines} == {owner.person_id}


def test_whoever_is_told_stops_it(owner: Account):
    recovery = begin(owner)
    assert stop_recovery(actor=ANONYMOUS, public_id=recovery.public_id, at=NOW + DAY)
    assert not stop_recovery(actor=ANONYMOUS, public_id=recovery.public_id, at=NOW + DAY)
    assert told("ready", READY) == set() and told("begun", READY) == set()
    with refused("link_over"):
        finish(recovery)
    assert factors.has_any(owner.pk)
    [first, *_] = messages("stopped", NOW + DAY)
    assert "vos protections restent" in first.body


def test_a_code_that_is_used_meanwhile_stops_it(owner: Account):
    recovery = begin(owner)
    actor = Actor(Role.PERSON, account_id=owner.pk, person_id=owner.person_id)
    assert check_code(actor=actor, code="000000", at=NOW + DAY) == ""
    assert recoveries.open_of(owner.pk, at=NOW + DAY) == recovery
    code = next_code(owner, at=NOW + DAY)
    assert check_code(actor=actor, code=code, at=NOW + DAY) == "totp"
    stopped = make.reread(recovery)
    assert (stopped.state, stopped.ended_why) == ("stopped", "factor_used")
    assert told("stopped", NOW + DAY) == {"compte@example.org", "contact@example.org"}


def test_it_is_begun_once_and_is_over_some_days_after_its_time(owner: Account):
    recovery = begin(owner)
    assert begin(owner, NOW + DAY) == recovery
    assert Letter.objects.filter(kind="accounts.recovery.begun").count() == 1
    late = READY + RECOVERY_OPEN
    with refused("link_over"):
        finish(recovery, late)
    assert begin(owner, late) != recovery
    assert make.reread(recovery).ended_why == "ran_out"


def test_a_mailbox_alone_begins_nothing_for_who_sees_others(owner: Account):
    agent = make.account(Role.FUND_AGENT, fund_code=make.FUND)
    totp_key(agent)
    with refused("recovery_by_people"):
        begin(agent)
    plain = make.account(Role.PERSON, person=make.person(at=NOW))
    with refused("recovery_needless"):
        begin(plain)
    with refused("link_over"):
        begin_recovery(actor=ANONYMOUS, public_id=uuid.uuid4(), at=NOW)
    used = link(owner)
    begin_recovery(actor=ANONYMOUS, public_id=used, at=NOW)
    with refused("link_over"):
        begin_recovery(actor=ANONYMOUS, public_id=used, at=NOW)
    assert Recovery.objects.count() == 1


def test_two_administrators_vouch_and_two_days_pass():
    agent = make.account(Role.FUND_AGENT, fund_code=make.FUND, email="agent@example.org")
    totp_key(agent)
    first, second = make.account(), make.account()
    with refused("recovery_proof"):
        vouch(agent, first, " ")
    recovery = vouch(agent, first)
    assert (recovery.state, told("begun", NOW)) == ("vouched", set())
    with refused("recovery_same_person"):
        vouch(agent, first)
    for nobody in (agent, make.account(Role.ANALYST)):
        with refused("not_allowed"):
            vouch(agent, nobody)
    with refused("link_over"):
        finish(recovery)
    waits = vouch(agent, second, at=NOW + DAY)
    assert (waits.pk, waits.state) == (recovery.pk, "waiting")
    assert told("begun", NOW + DAY) == {"agent@example.org"}
    with refused("recovery_open"):
        vouch(agent, make.account(), at=NOW + DAY)
    ready = NOW + DAY + RECOVERY_WAITS["people"]
    with refused("link_over"):
        finish(recovery, ready - timedelta(minutes=1))
    assert finish(recovery, ready) == agent
    assert not factors.has_any(agent.pk)
    lines = Entry.objects.filter(event="accounts.recovery.vouched", result="done")
    assert set(lines.values_list("actor_account", flat=True)) == {first.pk, second.pk}


def test_one_word_alone_is_over_after_a_while():
    agent = make.account(Role.FUND_AGENT, fund_code=make.FUND)
    totp_key(agent)
    first, second = make.account(), make.account()
    recovery = vouch(agent, first)
    again = vouch(agent, second, at=NOW + 8 * DAY)
    assert (again.pk == recovery.pk, again.state) == (False, "vouched")


def test_a_new_password_ends_the_keys_of_programs_when_its_owner_says_so(owner: Account):
    actor = Actor(Role.PERSON, account_id=owner.pk, person_id=owner.person_id)
    change_password(actor=actor, password=NEW, keep=None, at=NOW)
    assert len(api_keys.of_account(owner.pk, at=NOW)) == 1
    change_password(actor=actor, password=NEW, keep=None, end_keys=True, at=NOW)
    assert api_keys.of_account(owner.pk, at=NOW) == []
    [line] = Entry.objects.filter(event="api_keys.key.revoked")
    assert line.reason == "password"
