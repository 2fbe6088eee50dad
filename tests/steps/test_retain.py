"""What was kept long enough goes, to the day; what must stay, stays; looking changes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from tests import factories as make
from tests.steps import scene
from tools.retention_page import PAGE, page

from soutien.registers.accounts.models import Account, MailLink, OpenSession, Role
from soutien.registers.agenda.models import Booking
from soutien.registers.audit.models import Entry
from soutien.registers.care.models import CareSession, Seat
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import CareSheet, Claim, Decision
from soutien.registers.corrections import queries as corrections
from soutien.registers.idempotency.models import Ask
from soutien.registers.identities.models import Held
from soutien.registers.limits.models import Window
from soutien.registers.outbox.models import Letter, LocalMessage
from soutien.registers.people.models import Person
from soutien.registers.waiting.models import Request, Wait
from soutien.registers.writings.queries import leave
from soutien.rules.calendar import day_number
from soutien.rules.retention import KEPT, care_goes_on
from soutien.steps.keeping import JOBS, count_due
from soutien.steps.retain import remove_expired

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def run(kind: str, at: datetime, **chosen: int) -> int:
    """All batches of a kind."""
    gone = 0
    while batch := remove_expired(kind=kind, at=at, chosen=chosen, batch=2):
        gone += batch
    return gone


def everything() -> dict[str, list[Any]]:
    """Every row of every table, as the database holds it."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY 1")
            found[model._meta.db_table] = [
                tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
                for row in cursor.fetchall()
            ]
    return found


def an_expired_hold(ended: datetime) -> None:
    place = make.place(make.psychologist())
    make.booking(place, starts_at=ended - timedelta(hours=1), who=None, status="expired")


def a_request(ended: datetime) -> None:
    Request.objects.create(
        psychologist=make.psychologist(), name="n", browser="b", status="refused",
        created_at=ended - DAY, ended_at=ended,
    )  # fmt: skip


def a_wait(ended: datetime) -> None:
    Wait.objects.create(
        psychologist=make.psychologist(), need="heavy", name="n", email="n@example.org",
        email_index="i" * 64, status="left", joined_at=ended - DAY, ended_at=ended,
    )  # fmt: skip


def a_visitor(ended: datetime) -> None:
    make.person(at=ended)


def a_letter(ended: datetime) -> None:
    letter = Letter.objects.create(
        kind="agenda.booking.confirmed", payload={}, created_at=ended, deliver_after=ended,
        delivered_at=ended,
    )  # fmt: skip
    letter.dispatches.create(channel="mail", recipient="person", key=uuid.uuid4(), sent_at=ended)


def a_message(ended: datetime) -> None:
    LocalMessage.objects.create(
        key=uuid.uuid4(), channel="mail", sender="a", recipient="b", subject="c", body="d",
        arrived_at=ended,
    )  # fmt: skip


def a_session(ended: datetime) -> None:
    OpenSession.objects.create(
        account=make.account(Role.PERSON, person=make.person(at=NOW)), key_digest=str(ended),
        how="link", began_at=ended - DAY, last_seen_at=ended - DAY, ends_at=ended,
    )  # fmt: skip


def a_link(ended: datetime) -> None:
    MailLink.objects.create(kind="join", email="a@b.c", asked_at=ended - DAY, ends_at=ended)


def an_answer(ended: datetime) -> None:
    began = ended - DAY
    Ask.objects.create(
        owner="o", key=str(ended), what="w", body="b", began_at=began, free_at=ended, ends_at=ended
    )


def a_try(ended: datetime) -> None:
    Window.objects.create(name="n", key=str(ended), began_at=ended - DAY, ends_at=ended)


def an_identity(ended: datetime) -> None:
    Held.objects.create(
        key_index=f"{ended:%Y%m%d%H%M%S}", browser_index="b", kind="asked", content={},
        held_at=ended - DAY, ends_at=ended,
    )  # fmt: skip


def an_account(ended: datetime) -> None:
    who = make.account(Role.PERSON, person=make.person(at=NOW))
    Account.objects.filter(pk=who.pk).update(last_login=ended)


def a_deposit(ended: datetime) -> None:
    begun = ended - DAY
    leave(
        str(ended), content="sealed", kept_code="", author_id=None, written_on=begun.date(),
        at=begun, ends_at=ended,
    )  # fmt: skip


def a_care_record(ended: datetime) -> None:
    make.care_session(make.person(at=ended), make.place(make.psychologist()), held_on=ended.date())


# kind: how one is made that ended at a moment.
MADE: dict[str, Callable[[datetime], None]] = {
    "holds": an_expired_hold,
    "requests": a_request,
    "waits": a_wait,
    "visitors": a_visitor,
    "letters": a_letter,
    "messages": a_message,
    "sign_ins": a_session,
    "links": a_link,
    "answers": an_answer,
    "tries": a_try,
    "held_identities": an_identity,
    "accounts": an_account,
    "care_records": a_care_record,
    "deposits": a_deposit,
}


def test_every_kind_has_a_term_a_reason_and_a_job():
    assert set(KEPT) == set(JOBS) == set(MADE)
    assert all(len(kept.why) > 10 and kept.source in {"law", "house"} for kept in KEPT.values())


@pytest.mark.parametrize("kind", MADE)
def test_it_goes_on_the_day_its_term_is_over_and_not_before(kind: str):
    ended = datetime(2026, 3, 10, 12, tzinfo=UTC)
    MADE[kind](ended)
    kept = KEPT[kind]
    # The day after the last one of the term: a thing of the 10th, kept 12 months, stays the 10th.
    last = datetime.fromtimestamp(ended.timestamp(), UTC)
    months = kept.months
    last = last.replace(year=last.year + (last.month - 1 + months) // 12)
    last = last.replace(month=(3 - 1 + months) % 12 + 1) + kept.days * DAY
    if kind in {"answers", "tries", "held_identities", "deposits"}:
        early, due_at = ended - timedelta(seconds=1), ended
    elif kind == "care_records":
        # The anniversary itself is the first day.
        early, due_at = last - DAY, last
    else:
        early, due_at = last, last + DAY
    assert run(kind, early) == 0
    assert count_due(kind, due_at, {}) == 1
    assert run(kind, due_at) == 1
    assert run(kind, due_at) == 0


@pytest.mark.parametrize("kind", MADE)
def test_looking_changes_nothing(kind: str):
    MADE[kind](datetime(2005, 3, 10, 12, tzinfo=UTC))
    before = everything()
    assert count_due(kind, NOW, {}) == 1
    assert everything() == before


@pytest.mark.parametrize("kind", MADE)
def test_what_went_leaves_its_line(kind: str):
    for days in range(3):
        MADE[kind](datetime(2005, 3, 10 + days, 12, tzinfo=UTC))
    assert run(kind, NOW) == 3
    lines = Entry.objects.filter(event__startswith="people.", reason=kind)
    assert lines.exists() and all(line.actor_role == "system" for line in lines)


@pytest.fixture
def treated() -> Person:
    """Somebody with a claim, a correction and rights; the session was on 23 November 2026."""
    here, who = scene.practice(), scene.insured()
    scene.paid(here, who, day=scene.AUTUMN, kind="evaluation")
    corrections.keep(who.pk, {"email": "before@example.org"}, by="person", at=NOW)
    return who


def test_nobody_with_a_claim_is_forgotten_before_the_term(treated: Person):
    before = everything()
    for kind in ("visitors", "care_records"):
        assert run(kind, datetime(2046, 11, 22, 12, tzinfo=UTC)) == 0
    # However short the operator wishes it: 27 months at least.
    assert run("care_records", datetime(2029, 2, 22, 12, tzinfo=UTC), care_records=1) == 0
    assert everything() == before
    with transaction.atomic():
        assert run("care_records", datetime(2029, 2, 23, 12, tzinfo=UTC), care_records=1) == 1
        transaction.set_rollback(True)


def test_after_the_term_nothing_says_who_it_was_and_the_amounts_stay(treated: Person):
    nir, amount = treated.nir, Decision.objects.get().amo_cents
    assert run("care_records", datetime(2046, 11, 23, 12, tzinfo=UTC)) == 1
    who = Person.objects.get(pk=treated.pk)
    assert (who.given_name, who.family_name, who.nir, who.email, who.phone) == ("",) * 5
    assert (who.nir_index, who.likeness_index, who.forgotten_at is not None) == (None, "", True)
    assert not who.affiliations.exists() and not corrections.of_person(who.pk).exists()
    assert CareSheet.objects.get().printed == ""
    assert Decision.objects.get().facts is None
    assert Decision.objects.get().amo_cents == amount
    assert Claim.objects.count() == CareSession.objects.count() == 1
    assert nir not in str(everything())


def test_sheets_are_not_emptied_while_their_person_is_known(treated: Person):
    with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
        claims.forget(treated.pk)
    Person.objects.filter(pk=treated.pk).update(forgotten_at=NOW)
    with (
        pytest.raises(IntegrityError, match="append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE claims_caresheet SET complete = NOT complete, printed = ''")
    assert claims.forget(treated.pk) == 2


def test_an_account_keeps_its_person(treated: Person):
    account = make.account(Role.PERSON, person=treated)
    Account.objects.filter(pk=account.pk).update(last_login=datetime(2046, 1, 1, tzinfo=UTC))
    assert run("care_records", datetime(2046, 11, 23, 12, tzinfo=UTC)) == 0


def test_whoever_was_a_child_is_known_until_twenty_eight():
    born, held = date(2016, 11, 1), date(2026, 11, 20)

    def goes(on: date, months: int) -> int:
        return care_goes_on(day_number(on), day_number(born), months)

    assert goes(held, 240) == day_number(date(2046, 11, 20))
    assert goes(held, 27) == day_number(date(2044, 11, 1))
    # Of age on the day of the last session.
    assert goes(date(2034, 11, 1), 27) == day_number(date(2037, 2, 1))
    assert goes(date(2034, 10, 31), 27) == day_number(date(2044, 11, 1))


def test_a_hold_that_something_points_to_stays():
    here, who = scene.practice(), scene.insured()
    booking = scene.booked(here, who, day=scene.AUTUMN, kind="evaluation")
    Booking.objects.filter(pk=booking.pk).update(status="expired", held_until=NOW)
    assert Seat.objects.filter(booking=booking).exists()
    assert count_due("holds", datetime(2030, 1, 1, tzinfo=UTC), {}) == 0


def test_who_waits_or_comes_soon_is_no_visitor_of_the_past():
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    waiting, coming, parent, gone = (make.person(at=long_ago) for _number in range(4))
    Wait.objects.create(
        psychologist=make.psychologist(), person=waiting, need="heavy", name="n",
        email="n@example.org", email_index="i" * 64, joined_at=long_ago,
    )  # fmt: skip
    make.booking(make.place(make.psychologist()), starts_at=NOW + DAY, who=coming)
    child = make.person(at=long_ago, birth_date="2015-03-02")
    make.guardianship(parent, child, valid_from=long_ago.date())
    assert run("visitors", NOW) == 1
    forgotten = Person.objects.filter(forgotten_at__isnull=False)
    assert [person.pk for person in forgotten] == [gone.pk]


def test_the_page_of_terms_is_up_to_date():
    assert PAGE.read_text() == page(), "Run: python -m tools.retention_page"
