"""A psychologist's documents: drafted, signed, handed over on the person's word, asked about."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from tests import factories as make
from tests.doors.web.psychologist.practice import Practice, practice
from tests.steps.refusals import refused

from soutien.registers.agenda.models import Booking
from soutien.registers.audit.models import Entry
from soutien.registers.consents import queries as consents
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Person
from soutien.registers.writings import queries as writings
from soutien.registers.writings.models import Answer, HandOver, Version, Writing
from soutien.steps.accompany import Plan, Words, plan_care, say_goals, write_review
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.compose import (
    ASKS_AFTER,
    ASKS_AFTER_DANGER,
    answer_follow_up,
    begin_writing,
    hand_over_writing,
    prepare_writing,
    rewrite_writing,
    sign_writing,
)
from soutien.steps.errors import Refusal
from soutien.steps.measure import enter_on_paper
from soutien.steps.permissions import ROLES
from soutien.steps.write import list_writings, open_letter, open_writing
from soutien.steps.written import WORDS

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
BEFORE = datetime(2025, 5, 15, 10, 0, tzinfo=UTC)
SIGNAL = {"recipient": "Dr Modèle", "observed": "Zibeline ne dort plus", "asked": "Un avis"}
NOTE = {"recipient": "", "symptoms": "", "needs": "Parler", "plan": "Huit rencontres"}


@pytest.fixture
def here() -> Practice:
    return practice(NOW)


@pytest.fixture
def who(here: Practice) -> Person:
    return here.patient(given_name="Zoé", family_name="Zibeline")


@pytest.fixture
def booked(here: Practice, who: Person) -> Booking:
    return here.booking(who, begins_in_h=48)


def begun(
    here: Practice, booked: Booking, kind: str = "doctor_signal", **more: object
) -> uuid.UUID:
    words = SIGNAL if kind == "doctor_signal" else NOTE
    told = {"words": words, "signed": True, "at": NOW, "booking_id": booked.public_id} | more
    return begin_writing(actor=here.actor, kind=kind, **told)  # type: ignore[arg-type]


def handed(here: Practice, key: uuid.UUID, **more: object) -> None:
    told = {"to": "treating_doctor", "agreed": True, "danger": False, "at": NOW} | more
    hand_over_writing(actor=here.actor, writing_id=key, **told)  # type: ignore[arg-type]


def of(who: Person) -> Actor:
    return Actor("person", account_id=2, person_id=who.pk)


def test_a_draft_is_corrected_signed_and_then_stays(here: Practice, who: Person, booked: Booking):
    key = begun(here, booked, "evaluation_note", signed=False)
    with refused("not_found"):
        open_writing(actor=of(who), writing_id=key, at=NOW)
    assert list_writings(actor=of(who), person_id=who.pk, at=NOW) == ()
    for plan in ("Dix rencontres", "Dix rencontres"):
        rewrite_writing(actor=here.actor, writing_id=key, words=NOTE | {"plan": plan}, at=NOW)
    assert Version.objects.count() == 2
    for _time in range(2):
        sign_writing(actor=here.actor, writing_id=key, at=NOW)
    assert Entry.objects.filter(event="writings.writing.signed").count() == 1
    assert Letter.objects.filter(kind="writings.writing.signed").count() == 1
    with refused("writing_signed"):
        rewrite_writing(actor=here.actor, writing_id=key, words=NOTE, at=NOW)
    found = open_writing(actor=of(who), writing_id=key, at=NOW)
    assert (found.body["plan"], found.number) == ("Dix rencontres", 2)
    assert found.body["psychologist"] and found.body["birth_date"] == "1990-05-17"


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ({"needs": "", "plan": " "}, ("needs", "plan")),
        (NOTE | {"needs": "x" * 8_001}, ("needs",)),
        (NOTE | {"diagnosis": "x"}, ("diagnosis",)),
    ],
)
def test_what_is_unclear_is_not_kept(
    here: Practice, booked: Booking, words: dict[str, str], fields: tuple[str, ...]
):
    with refused("writing_unclear") as caught:
        begun(here, booked, "evaluation_note", words=words)
    assert caught.value.context["fields"] == fields
    assert not Writing.objects.exists()


def test_what_is_known_is_told_before(here: Practice, who: Person, booked: Booking):
    here.was_evaluated(who)
    told = prepare_writing(actor=here.actor, booking_id=booked.public_id, at=NOW)
    assert (told.person_name, len(told.sessions), told.held) == ("Zoé Zibeline", 1, False)
    assert not told.minor


def test_a_document_begins_with_the_care_so_far(here: Practice, who: Person, booked: Booking):
    here.was_evaluated(who)
    plan = Plan(True, True, True, True, 6)
    key = plan_care(actor=here.actor, patient_id=who.public_id, plan=plan, at=NOW).public_id
    say_goals(actor=here.actor, episode_id=key, text="Dormir", at=NOW)
    words = Words("better", "Réveils", "Dort mieux", "Relaxation")
    write_review(actor=here.actor, episode_id=key, kind="mid_course", words=words, at=NOW)
    told = prepare_writing(
        actor=here.actor, booking_id=booked.public_id, kind="end_report", at=NOW
    )
    assert (told.goals, told.planned_sessions) == ("Dormir", 6)
    assert (told.symptoms, told.evolution, told.technique) == (
        *("Réveils", "Dort mieux", "Relaxation"),
    )
    bare = prepare_writing(actor=here.actor, booking_id=booked.public_id, at=NOW)
    assert (bare.goals, bare.evolution) == ("", "")


def test_scores_are_filled_in_on_the_person_s_word_only(
    here: Practice, who: Person, booked: Booking
):
    enter_on_paper(
        actor=here.actor,
        booking_id=booked.public_id,
        scale="phq-9",
        answers=(1,) * 8 + (0,),
        filled_on=NOW.date(),
        at=NOW,
    )

    def totals(*, with_scores: bool) -> list[int | None]:
        told = prepare_writing(
            actor=here.actor,
            booking_id=booked.public_id,
            kind="end_report",
            with_scores=with_scores,
            at=NOW,
        )
        return [point.total for curve in told.curves for point in curve.points]

    assert (totals(with_scores=False), totals(with_scores=True)) == ([], [8])
    for given, expected in ((False, []), (True, [8])):
        consents.say(who.pk, "end_report", given=given, text_version=1, said_by="person", at=NOW)
        assert totals(with_scores=True) == expected
    assert totals(with_scores=False) == [8]


def test_a_certificate_says_who_and_when_and_not_why(here: Practice, who: Person):
    sheet = here.sheet(who)
    booking = Booking.objects.get(person=who)
    bare, full = (
        open_letter(
            actor=of(who),
            writing_id=begun(here, booking, "attendance", words=words),
            at=NOW,
        ).body
        for words in ({}, {"with_times": "yes", "with_place": "yes"})
    )
    assert bare == {
        "given_name": "Zoé",
        "family_name": "Zibeline",
        "psychologist": f"{here.psychologist.given_name} {here.psychologist.family_name}",
        "held_on": sheet.lines.get().care_session.held_on.isoformat(),
    }
    assert set(full) - set(bare) == {"from", "to", "time_zone", "address"}


def test_no_certificate_before_a_session_was_held(here: Practice, booked: Booking):
    with refused("attendance_unknown"):
        begun(here, booked, "attendance", words={})


def test_it_goes_on_the_person_s_word(here: Practice, booked: Booking):
    key = begun(here, booked)
    with refused("agreement_missing"):
        handed(here, key, agreed=False)
    handed(here, key)
    [row] = HandOver.objects.all()
    assert (row.to, row.basis) == ("treating_doctor", "agreed")
    [line] = Entry.objects.filter(event="writings.writing.handed_over", result="done")
    assert line.reason == "agreed"


@pytest.mark.parametrize(
    ("at", "basis"), [(BEFORE, "before_agreement"), (BEFORE + timedelta(days=1), None)]
)
def test_the_law_asks_for_an_agreement_since_its_day(
    here: Practice, booked: Booking, at: datetime, basis: str | None
):
    key = begun(here, booked, at=at)
    if basis is None:
        with refused("agreement_missing"):
            handed(here, key, agreed=False, at=at)
        return
    handed(here, key, agreed=False, at=at)
    assert HandOver.objects.get().basis == basis


def test_a_no_in_their_own_space_is_heard_and_each_exchange_has_its_own(
    here: Practice, who: Person, booked: Booking
):
    signal, note = begun(here, booked), begun(here, booked, "evaluation_note")
    consents.say(who.pk, "reorientation", given=False, text_version=1, said_by="person", at=NOW)
    with refused("agreement_refused"):
        handed(here, signal)
    handed(here, note)
    handed(here, signal, agreed=False, danger=True, to="emergency")
    assert [row.basis for row in HandOver.objects.order_by("pk")] == ["agreed", "danger"]
    consents.say(who.pk, "reorientation", given=True, text_version=1, said_by="person", at=NOW)
    handed(here, signal)


def test_danger_waits_for_nothing_and_is_asked_about_soon(here: Practice, booked: Booking):
    key = begun(here, booked)
    handed(here, key, agreed=False, danger=True)
    handed(here, key)
    asked = Letter.objects.filter(kind="writings.follow_up.due").order_by("pk")
    assert [row.deliver_after for row in asked] == [NOW + ASKS_AFTER_DANGER, NOW + ASKS_AFTER]


def test_only_a_reorientation_is_asked_about(here: Practice, booked: Booking):
    handed(here, begun(here, booked, "evaluation_note"))
    assert not Letter.objects.filter(kind="writings.follow_up.due").exists()


def test_not_yet_asks_again_and_seen_ends_it(here: Practice, booked: Booking):
    key = begun(here, booked)
    with refused("not_found"):
        answer_follow_up(actor=here.actor, writing_id=key, seen="seen", at=NOW)
    handed(here, key)
    for seen in ("not_yet", "seen"):
        answer_follow_up(actor=here.actor, writing_id=key, seen=seen, at=NOW)
    assert [row.seen for row in Answer.objects.order_by("pk")] == ["not_yet", "seen"]
    assert Letter.objects.filter(kind="writings.follow_up.due").count() == 2
    with refused("not_found"):
        answer_follow_up(actor=here.actor, writing_id=key, seen="perhaps", at=NOW)
    [passage] = open_writing(actor=here.actor, writing_id=key, at=NOW).passages
    assert (passage.to, passage.basis, passage.seen) == ("treating_doctor", "agreed", "seen")


def test_a_draft_goes_nowhere_the_database_agrees(here: Practice, booked: Booking):
    key = begun(here, booked, signed=False)
    with refused("writing_unsigned"):
        handed(here, key)
    draft = writings.by_public_id(key)
    assert draft is not None
    with pytest.raises(IntegrityError, match="of_draft"), transaction.atomic():
        writings.hand_over(draft, to="cmp", basis="agreed", at=NOW)


def test_a_certificate_is_handed_to_no_doctor(here: Practice, who: Person):
    here.sheet(who)
    key = begun(here, Booking.objects.get(person=who), "attendance", words={})
    for more in ({}, {"to": "neighbour"}):
        with refused("not_found"):
            handed(here, key, **more)


@pytest.mark.parametrize("kind", [kind for kind in WORDS if kind != "attendance"])
def test_each_document_is_tried_by_every_role(
    here: Practice, who: Person, booked: Booking, kind: str
):
    """Written and read by the pair alone, and each try is in the journal."""
    words = dict.fromkeys(WORDS[kind], "Zibeline")
    key = begun(here, booked, kind, words=words)
    parent = make.person(at=NOW)
    actors = {role: Actor(role, account_id=70 + n) for n, role in enumerate(ROLES)} | {
        "person": of(who),
        "guardian": Actor("guardian", 3, person_id=parent.pk, on_behalf_of=who.pk),
        "psychologist": here.actor,
        "replacement": replace(here.actor, role="replacement"),
        "fund_agent": Actor("fund_agent", 5, fund_code=make.FUND),
        "stranger": Actor("psychologist", 9, psychologist_id=make.psychologist().pk),
        "anonymous": ANONYMOUS,
    }
    opened, wrote = set(), set()
    for name, actor in actors.items():
        try:
            open_writing(actor=actor, writing_id=key, at=NOW)
            opened.add(name)
        except Refusal as refusal:
            assert refusal.code == "not_allowed"
        for step, told in (
            (rewrite_writing, {"words": words}),
            (sign_writing, {}),
            (answer_follow_up, {"seen": "seen"}),
            (
                hand_over_writing,
                {"to": "cmp", "agreed": True, "danger": False},
            ),
        ):
            try:
                step(actor=actor, writing_id=key, at=NOW, **told)  # type: ignore[operator]
                wrote.add(name)
            except Refusal as refusal:
                if refusal.code != "not_allowed":
                    wrote.add(name)
        try:
            begin_writing(
                actor=actor,
                booking_id=booked.public_id,
                kind=kind,
                words=words,
                signed=False,
                at=NOW,
            )
            wrote.add(name)
        except Refusal as refusal:
            assert refusal.code == "not_allowed"
    assert opened == {"person", "psychologist"}
    assert wrote == {"psychologist"}
    refusals = Entry.objects.filter(event="writings.writing.opened", result="refused")
    assert refusals.count() == len(actors) - 2
