"""A doctor's two letters: left under a code, fetched once, each read by whom it is for."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from django.db import connection
from tests import factories as make
from tests.doors.web.psychologist.practice import Practice, practice
from tests.steps.refusals import refused

from soutien.registers.accounts.models import Role
from soutien.registers.audit.models import Entry
from soutien.registers.care.models import Referral
from soutien.registers.people.models import Person
from soutien.registers.writings.models import ACCOMPANIMENT, REFERRAL, Deposit, Writing
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.keeping import forget_person
from soutien.steps.permissions import ROLES
from soutien.steps.refer import (
    deposit_letter,
    list_own_letters,
    open_own_letter,
    receive_letter,
)
from soutien.steps.write import list_visit_writings, list_writings, open_letter, open_writing
from soutien.steps.written import DoctorLetter, LeftLetter

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 8, 31, 10, 0, tzinfo=UTC)
LASTS = timedelta(days=90)
LETTER = DoctorLetter(
    given_name="Zoé",
    family_name="Zibeline",
    birth_date=date(1990, 5, 17),
    doctor="Alix Modèle",
    referrer="gp",
    number="019990001",
    linked_to="maternity",
    reasons="Dort mal depuis l’été",
)
DOCTOR = Actor("doctor", account_id=1)


@pytest.fixture
def here() -> Practice:
    return practice(NOW)


@pytest.fixture
def who(here: Practice) -> Person:
    return here.patient(given_name="Zoé", family_name="ZIBELINE")


def left(letter: DoctorLetter = LETTER, actor: Actor = ANONYMOUS, **more: object) -> LeftLetter:
    told = {"secret": "of this page", "lasts": LASTS, "at": NOW} | more
    return deposit_letter(actor=actor, letter=letter, **told)  # type: ignore[arg-type]


_hours = count(48, 24)


def fetched(here: Practice, who: Person, code: str, **more: object) -> None:
    booked = here.booking(who, begins_in_h=next(_hours))
    told = {"booking_id": booked.public_id, "sure": False, "at": NOW} | more
    receive_letter(actor=here.actor, code=code, **told)  # type: ignore[arg-type]


def of(who: Person) -> Actor:
    return Actor("person", account_id=2, person_id=who.pk)


def test_nobody_reads_it_before_it_is_fetched():
    code = left().code
    with connection.cursor() as cursor:
        cursor.execute("SELECT place, content, kept_code FROM writings_deposit")
        [(place, content, kept)] = cursor.fetchall()
    [row] = Deposit.objects.all()
    # Even opened with our own keys it is not read: only the paper holds the code.
    for stored in (place.encode(), bytes(content), bytes(kept), row.content.encode()):
        assert b"Zibeline" not in stored and code.encode() not in stored
    assert row.kept_code == ""
    assert [line.person_id for line in Entry.objects.all()] == [None]


def test_sent_twice_it_is_one_letter_and_a_correction_has_another_code():
    first, again = left(), left()
    assert first.code == again.code and Deposit.objects.count() == 1
    assert Entry.objects.filter(event="writings.deposit.left").count() == 1
    assert left(replace(LETTER, reasons="Dort mieux")).code != first.code


def test_it_holds_six_months_of_the_terms_and_the_code_never_longer():
    assert left().last_day == date(2027, 2, 28)
    ends = left(replace(LETTER, scores="7"), lasts=timedelta(days=900)).ends_at
    assert ends == datetime(2027, 2, 28, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"number": "019990002x"}, ("number",)),
        ({"number": "10000000007"}, ("number",)),
        ({"referrer": "other"}, ("referrer",)),
        ({"referrer": "none"}, ("referrer",)),
        ({"birth_date": date(2026, 9, 1)}, ("birth_date",)),
        ({"linked_to": "holiday"}, ("linked_to",)),
        ({"given_name": " ", "doctor": ""}, ("given_name", "doctor")),
    ],
)
def test_what_lacks_something_is_no_letter(change: dict[str, object], fields: tuple[str, ...]):
    with refused("letter_incomplete") as caught:
        left(replace(LETTER, **change))  # type: ignore[arg-type]
    assert caught.value.context["fields"] == fields
    assert not Deposit.objects.exists()


def test_the_midwife_refers_only_since_the_law_says_so():
    early = datetime(2023, 12, 24, 10, tzinfo=UTC)
    with refused("letter_incomplete"):
        left(replace(LETTER, referrer="midwife"), at=early)
    left(replace(LETTER, referrer="midwife"), at=early + timedelta(days=1))


def test_one_psychologist_fetches_it_once(here: Practice, who: Person):
    code = left().code
    fetched(here, who, code.upper())
    kinds = list(Writing.objects.order_by("pk").values_list("kind", "valid_before"))
    assert kinds == [(REFERRAL, date(2027, 3, 1)), (ACCOMPANIMENT, date(2027, 3, 1))]
    [letter] = Referral.objects.all()
    assert (letter.person, letter.written_on, letter.referrer) == (who, NOW.date(), "gp")
    other = practice(NOW)
    for house in (here, other):
        with refused("letter_code_unknown"):
            fetched(house, house.patient(family_name="Zibeline"), code)
    assert Writing.objects.count() == 2


def test_without_clinical_words_there_is_one_letter(here: Practice, who: Person):
    fetched(here, who, left(replace(LETTER, reasons="")).code)
    assert [row.kind for row in Writing.objects.all()] == [REFERRAL]


@pytest.mark.parametrize("code", ["", "abcd", "abcd-efgh-jkmn-pqrs"])
def test_a_wrong_code_opens_nothing(here: Practice, who: Person, code: str):
    left()
    with refused("letter_code_unknown"):
        fetched(here, who, code)


def test_after_its_time_the_code_opens_nothing(here: Practice, who: Person):
    code = left().code
    with refused("letter_code_unknown"):
        fetched(here, who, code, at=NOW + LASTS)


@pytest.mark.parametrize("fields", [{"family_name": "Xylophone"}, {"birth_date": "1991-05-17"}])
def test_a_letter_of_another_name_or_day_is_asked_about(here: Practice, fields: dict[str, str]):
    who, code = here.patient(**({"family_name": "Zibeline"} | fields)), left().code
    with refused("letter_of_another"):
        fetched(here, who, code)
    assert not Writing.objects.exists()
    booked = here.booking(who, begins_in_h=next(_hours))
    receive_letter(actor=here.actor, booking_id=booked.public_id, code=code, sure=True, at=NOW)
    assert Writing.objects.count() == 2


def test_who_does_not_treat_fetches_nothing(here: Practice, who: Person):
    code, booked = left().code, here.booking(who, begins_in_h=next(_hours))
    stranger = Actor("psychologist", 9, psychologist_id=make.psychologist().pk)
    for actor in (stranger, replace(here.actor, role="replacement"), of(who), ANONYMOUS):
        with refused("not_allowed"):
            receive_letter(actor=actor, booking_id=booked.public_id, code=code, sure=True, at=NOW)


def test_a_doctor_with_an_account_reads_their_own_until_it_is_fetched(here: Practice, who: Person):
    doctor = Actor("doctor", account_id=make.account(Role.DOCTOR).pk)
    code = left(actor=doctor).code
    [line] = list_own_letters(actor=doctor, at=NOW)
    assert (line.code, line.letter, line.received_at) == (code, LETTER, None)
    colleague = Actor("doctor", account_id=make.account(Role.DOCTOR).pk)
    assert list_own_letters(actor=colleague, at=NOW) == ()
    with refused("not_allowed"):
        open_own_letter(actor=colleague, deposit_id=line.public_id, at=NOW)
    fetched(here, who, code)
    again = open_own_letter(actor=doctor, deposit_id=line.public_id, at=NOW)
    assert (again.code, again.letter, again.received_at) == ("", None, NOW)
    written = Writing.objects.get(kind=ACCOMPANIMENT)
    assert open_writing(actor=doctor, writing_id=written.public_id, at=NOW).body["reasons"]
    with refused("not_allowed"):
        open_writing(actor=colleague, writing_id=written.public_id, at=NOW)


def everybody(here: Practice, who: Person) -> dict[str, Actor]:
    """An actor in every role with the closest tie that the role can have."""
    actors = {role: Actor(role, account_id=70 + n) for n, role in enumerate(ROLES)}
    parent = make.person(at=NOW)
    return actors | {
        "person": of(who),
        "guardian": Actor("guardian", 3, person_id=parent.pk, on_behalf_of=who.pk),
        "psychologist": here.actor,
        "replacement": replace(here.actor, role="replacement"),
        "fund_agent": Actor("fund_agent", 5, fund_code=make.FUND),
        "fund_supervisor": Actor("fund_supervisor", 6, fund_code=make.FUND),
        "anonymous": ANONYMOUS,
    }


def test_each_letter_is_tried_by_every_role(here: Practice, who: Person):
    """The clinical one: the pair alone. The fund's: also the fund that received a claim."""
    fetched(here, who, left().code)
    referral, words = (Writing.objects.get(kind=kind) for kind in (REFERRAL, ACCOMPANIMENT))
    here.claim(here.sheet(who, kind="evaluation"))
    opened: dict[str, set[str]] = {"referral": set(), "words": set()}
    for role, actor in everybody(here, who).items():
        for name, step, row in (
            ("referral", open_letter, referral),
            ("words", open_writing, words),
        ):
            try:
                step(actor=actor, writing_id=row.public_id, at=NOW)
            except Exception as refusal:
                assert getattr(refusal, "code", "") == "not_allowed", role
            else:
                opened[name].add(role)
    assert opened["words"] == {"person", "psychologist"}
    assert opened["referral"] == {
        *("person", "guardian", "psychologist", "fund_agent", "fund_supervisor")
    }
    # Each look is in the journal, and each refusal.
    assert Entry.objects.filter(event="writings.writing.opened", result="done").count() == 2
    assert Entry.objects.filter(event="writings.writing.opened", result="refused").exists()


def test_a_fund_that_received_nothing_reads_nothing(here: Practice, who: Person):
    fetched(here, who, left().code)
    referral = Writing.objects.get(kind=REFERRAL)
    for code in (make.FUND, ""):
        with refused("not_allowed"):
            actor = Actor("fund_agent", 5, fund_code=code)
            open_letter(actor=actor, writing_id=referral.public_id, at=NOW)


def test_neither_step_opens_what_is_of_the_other(here: Practice, who: Person):
    fetched(here, who, left().code)
    referral, words = (Writing.objects.get(kind=kind) for kind in (REFERRAL, ACCOMPANIMENT))
    with refused("not_found"):
        open_letter(actor=of(who), writing_id=words.public_id, at=NOW)
    with refused("not_found"):
        open_writing(actor=of(who), writing_id=referral.public_id, at=NOW)


def test_lists_show_what_is_theirs(here: Practice, who: Person):
    fetched(here, who, left().code)
    everyone = everybody(here, who)
    mine = list_writings(actor=everyone["person"], person_id=who.pk, at=NOW)
    assert [line.kind for line in mine] == [ACCOMPANIMENT, REFERRAL]
    theirs = list_writings(actor=everyone["guardian"], person_id=who.pk, at=NOW)
    assert [line.kind for line in theirs] == [REFERRAL]
    # Another psychologist who sees the same person has nothing of it.
    other = practice(NOW)
    booked = other.booking(who, begins_in_h=next(_hours))
    listed = list_visit_writings(actor=other.actor, booking_id=booked.public_id, at=NOW)
    assert listed.lines == () and not listed.child
    with refused("not_allowed"):
        list_visit_writings(actor=here.actor, booking_id=booked.public_id, at=NOW)


def test_forgotten_with_its_person(here: Practice, who: Person):
    fetched(here, who, left().code)
    forget_person(who.pk, NOW)
    assert not Writing.objects.exists()


def test_the_care_sheet_names_who_referred(here: Practice, who: Person):
    fetched(here, who, left().code)
    printed = json.loads(here.sheet(who).printed)
    assert printed["doctor"] == {
        "name": "Alix Modèle",
        "identifier": "019990001",
        "structure": "",
        "structure_number": "",
    }
    assert printed["conditions"]["referral_letter_on"] == NOW.date().isoformat()
