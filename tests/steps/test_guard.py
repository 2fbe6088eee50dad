"""Acting for a child: on a proof, until majority or a decision, for that child alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused

from soutien.registers.audit.models import Entry
from soutien.registers.audit.queries import about_person
from soutien.registers.people.guardianships import Guardianship
from soutien.registers.people.models import Person
from soutien.steps.accompany import open_own_care
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.book import confirm_booking
from soutien.steps.claim import send_care_sheet
from soutien.steps.guard import (
    act_for,
    claim_guardianship,
    end_guardianship,
    list_wards,
    record_guardianship,
)
from soutien.steps.look import list_claims, open_booking, open_claim, open_person, open_year
from soutien.steps.own_data import open_consents, say_consent
from soutien.steps.permissions import ROLES
from soutien.steps.standing import Reads, standing, wards_of, who_reads
from soutien.steps.witness import record_proof

pytestmark = pytest.mark.django_db

TODAY = scene.MONDAY
AT = scene.at(TODAY)
DAY = timedelta(days=1)
OF_AGE = date(2027, 6, 1)


@pytest.fixture
def parent() -> Person:
    return factories.person(at=AT, given_name="Nadia")


@pytest.fixture
def lea() -> Person:
    child = factories.person(at=AT, given_name="Léa", birth_date="2009-06-01", with_nir=True)
    factories.affiliation(child, valid_from=scene.OPENED, fund_code="019990069")
    factories.cover(child, valid_from=scene.OPENED)
    return child


def tied(parent: Person, child: Person, **told: Any) -> Guardianship:
    values: dict[str, Any] = {"kind": "parent", "proof": "livret de famille", "valid_from": TODAY}
    return record_guardianship(
        actor=SYSTEM, guardian_id=parent.pk, child_id=child.pk, at=AT, **(values | told)
    )


def acting(parent: Person, child: Person, on: date = TODAY) -> Actor:
    return standing(scene.of(parent), child.public_id, on).actor


def test_a_parent_acts_for_their_child_from_the_day_it_is_recorded(parent: Person, lea: Person):
    assert acting(parent, lea) == scene.of(parent)
    row = tied(parent, lea)
    assert acting(parent, lea, TODAY - DAY).role == "person"
    found = standing(scene.of(parent), lea.public_id, TODAY)
    assert (found.name, found.until) == ("Léa", OF_AGE)
    assert found.actor == Actor(
        "guardian", person_id=parent.pk, on_behalf_of=lea.pk, acts_as="my_teenager"
    )
    [entry] = Entry.objects.filter(event="people.guardianship.recorded")
    assert (entry.object_id, entry.person_id) == (str(row.pk), lea.pk)


def test_rights_end_on_the_day_of_majority(parent: Person, lea: Person):
    tied(parent, lea)
    assert acting(parent, lea, OF_AGE - DAY).role == "guardian"
    assert acting(parent, lea, OF_AGE) == scene.of(parent)
    assert wards_of(parent.pk, OF_AGE) == ()


def test_rights_end_on_a_decision(parent: Person, lea: Person):
    row = tied(parent, lea)
    told: dict[str, Any] = {
        "guardianship_id": row.public_id,
        "ended_for": "judgment",
        "proof": "jugement du 2 juin",
        "ends_on": TODAY + 30 * DAY,
    }
    end_guardianship(actor=SYSTEM, at=AT, **told)
    assert end_guardianship(actor=SYSTEM, at=AT, **told).pk == row.pk
    assert acting(parent, lea, TODAY + 29 * DAY).role == "guardian"
    assert acting(parent, lea, TODAY + 30 * DAY).role == "person"
    with refused("period_wrong"):
        end_guardianship(actor=SYSTEM, at=AT, **(told | {"ends_on": TODAY + 60 * DAY}))
    [entry] = Entry.objects.filter(event="people.guardianship.ended")
    assert entry.reason == "judgment"
    with refused("not_found"):
        end_guardianship(actor=SYSTEM, at=AT, **(told | {"guardianship_id": uuid4()}))
    with refused("proof_missing"):
        end_guardianship(actor=SYSTEM, at=AT, **(told | {"proof": " "}))


def test_what_was_recorded_by_mistake_never_held(parent: Person, lea: Person):
    row = tied(parent, lea)
    end_guardianship(
        actor=SYSTEM,
        guardianship_id=row.public_id,
        ended_for="mistake",
        proof="autre enfant",
        ends_on=TODAY + 9 * DAY,
        at=AT,
    )
    assert wards_of(parent.pk, TODAY) == ()
    tied(parent, lea)


def test_a_decision_for_a_time_ends_by_itself(parent: Person, lea: Person):
    tied(parent, lea, kind="judge", valid_before=TODAY + 10 * DAY)
    assert acting(parent, lea, TODAY + 9 * DAY).role == "guardian"
    assert acting(parent, lea, TODAY + 10 * DAY).role == "person"


def test_nobody_is_tied_without_a_proof_to_an_adult_to_oneself_or_twice(
    parent: Person, lea: Person
):
    adult = factories.person(at=AT, birth_date="2008-03-02")
    for code, child, told in (
        ("proof_missing", lea, {"proof": "  "}),
        ("child_of_age", adult, {}),
        ("guardian_of_oneself", parent, {}),
        ("period_wrong", lea, {"valid_before": TODAY}),
        ("period_wrong", lea, {"kind": "friend"}),
    ):
        with refused(code):
            tied(parent, child, **told)
    tied(parent, lea)
    with refused("guardian_already"):
        tied(parent, lea, valid_from=TODAY + DAY)
    assert Guardianship.objects.count() == 1


@pytest.mark.parametrize("role", ROLES)
def test_only_the_operator_records_and_ends(role: str, parent: Person, lea: Person):
    row = tied(parent, lea)
    other = factories.person(at=AT, birth_date="2015-01-01")
    with refused("not_allowed"):
        record_guardianship(
            actor=Actor(role, person_id=parent.pk),
            guardian_id=parent.pk,
            child_id=other.pk,
            kind="parent",
            proof="x",
            valid_from=TODAY,
            at=AT,
        )
    with refused("not_allowed"):
        end_guardianship(
            actor=Actor(role, person_id=parent.pk),
            guardianship_id=row.public_id,
            ended_for="judgment",
            proof="x",
            ends_on=TODAY,
            at=AT,
        )


def test_one_chooses_among_ones_own_and_the_child_can_read_that_somebody_did(
    parent: Person, lea: Person
):
    tied(parent, lea)
    [ward] = list_wards(actor=scene.of(parent), on=TODAY, at=AT)
    assert (ward.public_id, ward.given_name) == (lea.public_id, "Léa")
    assert act_for(actor=scene.of(parent), child_id=lea.public_id, on=TODAY, at=AT) == ward
    assert {
        "people.guardianship.listed",
        "people.guardianship.used",
    } <= set(about_person(lea.pk).values_list("event", flat=True))
    stranger = factories.person(at=AT)
    assert list_wards(actor=scene.of(stranger), on=TODAY, at=AT) == ()
    for somebody, child in ((stranger, lea.public_id), (parent, uuid4()), (lea, lea.public_id)):
        with refused("not_found"):
            act_for(actor=scene.of(somebody), child_id=child, on=TODAY, at=AT)
    with refused("not_allowed"):
        act_for(actor=acting(parent, lea), child_id=lea.public_id, on=TODAY, at=AT)


def test_a_parent_books_reads_the_year_and_reads_claims_as_bills(parent: Person, lea: Person):
    tied(parent, lea)
    room = scene.practice(sees_teenagers=True)
    actor = acting(parent, lea)
    kept = scene.held(room, actor, day=TODAY + 7 * DAY, kind="evaluation", asked_at=AT)
    assert kept.person_id == lea.pk
    booking = confirm_booking(actor=actor, booking_id=kept.public_id, at=AT)
    assert booking.person_id == lea.pk
    assert open_booking(actor=actor, public_id=booking.public_id, at=AT).person_id == lea.pk
    factories.consents(lea, room.place.psychologist, at=AT)
    session = scene.closed(room, booking)
    received = booking.civil_day + DAY
    claim = send_care_sheet(
        actor=actor,
        care_sheet_id=scene.sheet_of(session).public_id,
        received_on=received,
        at=scene.at(received, 16),
    )
    assert claim.sent_by == "person"
    year = open_year(
        actor=actor, person_id=lea.pk, civil_year=2026, on=received, at=scene.at(received)
    )
    assert (year.given_name, year.count.used) == ("Léa", 1)
    assert open_claim(actor=actor, claim_public_id=claim.public_id, at=AT).person_id == lea.pk
    assert list_claims(actor=actor, at=AT).total == 1
    assert {line.actor_role for line in Entry.objects.filter(event="care.year.opened")} == {
        "guardian"
    }
    # For themselves they see nothing of it, and acting for the child nothing of their own.
    assert list_claims(actor=scene.of(parent), at=AT).total == 0
    for somebody, person in ((scene.of(parent), lea), (actor, parent)):
        with refused("not_allowed"):
            open_year(actor=somebody, person_id=person.pk, civil_year=2026, on=received, at=AT)
    with refused("not_allowed"):
        open_claim(actor=scene.of(parent), claim_public_id=claim.public_id, at=AT)


def test_from_an_age_on_parents_act_for_appointments_and_bills_alone(
    parent: Person, lea: Person, settings
):
    tied(parent, lea)
    settings.OWN_SPACE_AGE_YEARS = 17
    birthday = date(2026, 6, 1)
    assert acting(parent, lea, birthday - DAY).acts_as == "my_ward"
    actor = acting(parent, lea, birthday)
    assert actor.acts_as == "my_teenager"
    year = open_year(actor=actor, person_id=lea.pk, civil_year=2026, on=birthday, at=AT)
    assert year.given_name == "Léa"
    for step in (
        lambda: open_consents(actor=replace(actor, account_id=7), person_id=lea.pk, at=AT),
        lambda: open_own_care(actor=replace(actor, account_id=7), person_id=lea.pk, at=AT),
    ):
        with refused("not_allowed"):
            step()


def test_a_young_person_alone_says_whether_parents_see_the_days_of_their_care(
    parent: Person, lea: Person
):
    tied(parent, lea)
    by_parent = replace(acting(parent, lea), account_id=7)
    own = Actor("person", account_id=8, person_id=lea.pk)
    assert by_parent.acts_as == "my_teenager"
    told = {"person_id": lea.pk, "purpose": "care_days", "text_version": 1, "at": AT}
    with refused("not_allowed"):
        say_consent(actor=by_parent, given=True, **told)
    offered = [line.purpose.code for line in open_consents(actor=own, person_id=lea.pk, at=AT)]
    assert "care_days" in offered
    say_consent(actor=own, given=True, **told)
    assert open_own_care(actor=by_parent, person_id=lea.pk, at=AT).episodes == ()
    say_consent(actor=own, given=False, **told)
    with refused("not_allowed"):
        open_own_care(actor=by_parent, person_id=lea.pk, at=AT)
    # Nobody else is asked: an adult decides nothing of it, nor does a parent for a young child.
    young = factories.person(at=AT, birth_date="2015-01-01")
    tied(parent, young)
    for actor, who in (
        (Actor("person", account_id=9, person_id=parent.pk), parent),
        (replace(acting(parent, young), account_id=7), young),
    ):
        offered = [
            line.purpose.code for line in open_consents(actor=actor, person_id=who.pk, at=AT)
        ]
        assert "care_days" not in offered
        with refused("not_found"):
            say_consent(actor=actor, given=True, **(told | {"person_id": who.pk}))


def test_an_adult_is_represented_or_assisted_until_the_decision_ends(parent: Person):
    """Majority ends nothing of it; each reaches their part: appointments and bills, or bills."""
    grown = factories.person(at=AT, birth_date="1990-06-01")
    room = scene.practice()
    coming = factories.booking(room.place, starts_at=AT + 3 * DAY, who=grown)
    with refused("period_wrong"):
        tied(parent, grown, kind="adult_tutor")
    row = tied(parent, grown, kind="adult_tutor", valid_before=TODAY + 100 * DAY)
    tutor = acting(parent, grown)
    assert (tutor.role, tutor.acts_as) == ("guardian", "my_protected")
    year = {"person_id": grown.pk, "civil_year": 2026, "on": TODAY, "at": AT}
    assert [one.public_id for one in open_year(actor=tutor, **year).bookings] == [coming.public_id]
    assert wards_of(parent.pk, TODAY + 99 * DAY)[0].until == TODAY + 100 * DAY
    assert wards_of(parent.pk, TODAY + 100 * DAY) == ()
    assert who_reads(grown, TODAY) is Reads.REPRESENTED
    end_guardianship(
        actor=SYSTEM,
        guardianship_id=row.public_id,
        ended_for="judgment",
        proof="jugement",
        ends_on=TODAY,
        at=AT,
    )
    tied(parent, grown, kind="adult_curator", valid_before=TODAY + 100 * DAY)
    curator = acting(parent, grown)
    assert curator.acts_as == "my_assisted"
    # Who is assisted decides alone on their care: their appointments are not shown.
    assert open_year(actor=curator, **year).bookings == ()
    assert who_reads(grown, TODAY) is Reads.BILLS
    for actor in (tutor, curator):
        with refused("not_allowed"):
            open_own_care(actor=replace(actor, account_id=7), person_id=grown.pk, at=AT)
    with refused("not_allowed"):
        open_person(actor=curator, person_id=grown.pk, at=AT)


def test_a_decision_before_majority_holds_from_the_birthday_on(parent: Person, lea: Person):
    end = OF_AGE + 365 * DAY
    tied(parent, lea, kind="adult_tutor", valid_before=end)
    assert acting(parent, lea, OF_AGE - DAY) == scene.of(parent)
    assert acting(parent, lea, OF_AGE).acts_as == "my_protected"
    with pytest.raises(IntegrityError, match="of_an_adult_ends"), transaction.atomic():
        Guardianship.objects.update(valid_before=None, ended_for="")


def test_another_parent_is_tied_to_nothing_of_this_child(parent: Person, lea: Person):
    tied(parent, lea)
    brother = factories.person(at=AT, given_name="Tom", birth_date="2012-01-01")
    other = factories.person(at=AT)
    tied(other, brother)
    assert acting(other, lea) == scene.of(other)
    with refused("not_allowed"):
        open_year(actor=acting(other, brother), person_id=lea.pk, civil_year=2026, on=TODAY, at=AT)


def test_a_parent_whose_paper_was_seen_ties_their_account_by_their_own_link(
    parent: Person, lea: Person
):
    room = scene.practice(sees_children=True)
    booking = factories.booking(room.place, starts_at=AT + 7 * DAY, who=lea)
    named = factories.holder(lea, at=AT)
    link = factories.consent_link(named, room.place.psychologist, at=AT)
    own = Actor("person", account_id=71, person_id=parent.pk)
    claim = {"link_id": link.public_id, "on": TODAY, "at": AT}
    with refused("proof_missing"):
        claim_guardianship(actor=own, **claim)
    record_proof(
        actor=replace(room.actor, account_id=72),
        booking_id=booking.public_id,
        holder_id=named.public_id,
        proof="Livret de famille, 17 mai 2018",
        at=AT,
    )
    with refused("not_found"):
        claim_guardianship(actor=replace(own, account_id=None), **claim)
    with refused("not_allowed"):
        claim_guardianship(actor=room.actor, **claim)
    with refused("guardian_of_oneself"):
        claim_guardianship(actor=replace(own, person_id=lea.pk), **claim)
    row = claim_guardianship(actor=own, **claim)
    assert (row.kind, row.recorded_by, row.recorded_by_account) == ("parent", "psychologist", 72)
    assert row.proof == "Livret de famille, 17 mai 2018"
    assert [ward.person_id for ward in list_wards(actor=own, on=TODAY, at=AT)] == [lea.pk]
    with refused("guardian_already"):
        claim_guardianship(actor=own, **claim)
