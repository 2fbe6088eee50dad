"""One corrects what is written about oneself; one is erased, but for what must be kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from tests import factories as make
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.test_own_data import an_account, signed_in

from soutien.doors.couriers.writers import WRITERS
from soutien.doors.couriers.writing import Task
from soutien.registers.accounts.models import Account
from soutien.registers.audit.models import Entry
from soutien.registers.claims.models import CareSheet, Claim
from soutien.registers.corrections import queries as corrections
from soutien.registers.identities.models import ExternalIdentity
from soutien.registers.outbox.models import Letter
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.registers.waiting.models import Wait
from soutien.steps.actor import Actor
from soutien.steps.contact import Contact
from soutien.steps.own_data_change import (
    Erased,
    change_contact,
    correct_identity,
    erase_own_data,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LATER = datetime(2026, 12, 20, 9, tzinfo=UTC)


def reach(who: Person, email: str, phone: str = "", language: str = "fr") -> bool:
    return change_contact(
        actor=signed_in(who),
        person_id=who.pk,
        contact=Contact("-", email, phone),
        language=language,
        at=NOW,
    )


def correct(who: Person, given: str, family: str, born: date) -> bool:
    return correct_identity(
        actor=signed_in(who),
        person_id=who.pk,
        given_name=given,
        family_name=family,
        birth_date=born,
        at=NOW,
    )


def erase(who: Person) -> Erased:
    return erase_own_data(actor=signed_in(who), person_id=who.pk, at=LATER)


def test_an_address_changes_at_once_and_both_are_told():
    who = make.person(at=NOW, email="before@example.org", phone="0639980000")
    assert reach(who, "after@example.org", "0639980000")
    who.refresh_from_db()
    assert who.email == "after@example.org"
    [line] = corrections.of_person(who.pk)
    assert (line.field, line.value, line.replaced_by) == ("email", "before@example.org", "person")
    told = {
        message.to
        for letter in Letter.objects.all()
        for message in WRITERS[letter.kind](Task(letter=letter, at=NOW, channels=("mail",)))
    }
    assert told == {"before@example.org", "after@example.org"}


def test_the_same_contact_is_no_change():
    who = make.person(at=NOW, email="same@example.org", phone="")
    assert not reach(who, " same@example.org ")
    assert not Letter.objects.exists() and not corrections.of_person(who.pk).exists()


def test_somebody_must_stay_reachable():
    who = make.person(at=NOW)
    with refused("contact_missing"):
        reach(who, "", "")


def test_a_name_is_corrected_with_its_likeness():
    who = make.person(at=NOW, given_name="Adda", family_name="Modelle", birth_date="1990-05-17")
    assert correct(who, " Ada ", "Modèle", date(1991, 5, 17))
    found = people.alike("MODELE", "1991-05-17")
    assert [person.pk for person in found] == [who.pk]
    assert not people.alike("Modelle", "1990-05-17")
    kept = {line.field: line.value for line in corrections.of_person(who.pk)}
    assert kept == {"given_name": "Adda", "family_name": "Modelle", "birth_date": "1990-05-17"}


def test_a_certified_identity_is_not_changed_by_hand():
    who = make.person(at=NOW)
    an_account(who)
    with refused("identity_certified"):
        correct(who, "Ada", "Modèle", date(1990, 5, 17))


def test_an_identity_that_sheets_carry_is_not_changed_by_hand():
    here, who = scene.practice(), scene.insured()
    scene.closed(here, scene.booked(here, who, day=scene.AUTUMN, kind="evaluation"))
    with refused("identity_on_sheets"):
        correct(who, "Ada", "Modèle", date(1990, 5, 17))


def test_a_name_that_is_missing_or_a_day_to_come_is_refused():
    who = make.person(at=NOW)
    with refused("identity_missing"):
        correct(who, " ", "Modèle", date(1990, 5, 17))
    with refused("birth_date_ahead"):
        correct(who, "Ada", "Modèle", date(2026, 11, 21))


def test_whoever_had_no_session_is_forgotten_at_once():
    who = make.person(at=NOW, with_nir=True)
    an_account(who)
    assert erase(who).kept_until is None
    gone = Person.objects.get(pk=who.pk)
    assert (gone.family_name, gone.nir, gone.email) == ("", "", "")
    assert not Account.objects.exists() and not ExternalIdentity.objects.exists()
    assert Entry.objects.filter(event="people.person.forgotten", person_id=who.pk).exists()


def test_whoever_had_a_session_keeps_what_must_be_kept_and_is_told_until_when():
    here, who = scene.practice(), scene.insured()
    an_account(who)
    scene.paid(here, who, day=scene.AUTUMN, kind="evaluation")
    Wait.objects.create(
        psychologist=here.place.psychologist, person=who, need="heavy", name="n",
        email="n@example.org", email_index="i" * 64, joined_at=NOW,
    )  # fmt: skip
    corrections.keep(who.pk, {"email": "before@example.org"}, by="person", at=NOW)
    assert erase(who).kept_until == date(2046, 11, 23)
    kept = Person.objects.get(pk=who.pk)
    assert kept.family_name == who.family_name and kept.nir == who.nir
    assert (kept.email, kept.phone) == ("", "") and kept.erasure_asked_at == LATER
    assert Claim.objects.count() == 1 and CareSheet.objects.get().printed
    assert not Account.objects.exists() and not Wait.objects.exists()
    assert not corrections.of_person(who.pk).exists()


def test_an_appointment_to_come_is_cancelled_first():
    here, who = scene.practice(), scene.insured()
    scene.booked(here, who, day=date(2026, 12, 21), kind="evaluation")
    with refused("bookings_ahead"):
        erase(who)
    assert Person.objects.get(pk=who.pk).email


def test_nobody_changes_or_erases_somebody_else():
    who, other = make.person(at=NOW), make.person(at=NOW)
    for actor in (signed_in(other), scene.of(who), replace(scene.of(who), role="psychologist")):
        with refused("not_allowed"):
            erase_own_data(actor=actor, person_id=who.pk, at=LATER)
        with refused("not_allowed"):
            change_contact(
                actor=actor,
                person_id=who.pk,
                contact=Contact("-", "x@example.org"),
                language="fr",
                at=NOW,
            )


def test_a_day_of_birth_that_ends_a_right_is_not_moved_by_hand():
    child = make.person(at=NOW, birth_date="2010-05-17")
    parent = make.person(at=NOW)
    make.guardianship(parent, child, valid_from=scene.OPENED)
    with refused("birth_date_counts"):
        correct(child, "Ada", "Modèle", date(2014, 5, 17))
    assert correct(child, "Ada", "Modèle", date(2010, 5, 17))
    acting = Actor("guardian", account_id=1, person_id=parent.pk, on_behalf_of=child.pk)
    with refused("not_allowed"):
        correct_identity(
            actor=acting,
            person_id=child.pk,
            given_name="Ada",
            family_name="Modèle",
            birth_date=date(2014, 5, 17),
            at=NOW,
        )
