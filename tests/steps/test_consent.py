"""A child's first session waits for both who hold parental authority, or for a way out."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from tests import factories
from tests.steps.refusals import refused
from tests.steps.scene import DAY, MONDAY, RIGHTS, Practice, at, closed, held, practice, seats

from soutien.registers.agenda.models import Booking
from soutien.registers.guardians import queries as guardians
from soutien.registers.guardians.models import Holder, Link, Signature, Wait
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Person
from soutien.rules.consent import State, Word, text_of
from soutien.steps import consent, sign, witness
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.authority import Consents
from soutien.steps.book import Identity, cancel_booking, confirm_booking
from soutien.steps.consent import Named
from soutien.steps.overbook import overbook_slot
from soutien.steps.plan import book_plan
from soutien.steps.plan_lines import Chosen

pytestmark = pytest.mark.django_db

LEA = Identity("Léa", "Exemple", date(2018, 5, 17), email="nadia@example.org")
MOTHER = Named("Nadia", "Exemple", reached_like_child=True)
FATHER = Named("Karim", "Exemple", email="karim@example.org")
ASKED = at(MONDAY - 7 * DAY)
LATER = ASKED + timedelta(hours=1)


@pytest.fixture
def where() -> Practice:
    return practice()


def child_booked(where: Practice, who: Identity = LEA, **words: object) -> Booking:
    booking = held(where, **words)  # type: ignore[arg-type]
    return confirm_booking(
        actor=ANONYMOUS, booking_id=booking.public_id, identity=who, at=booking.created_at
    )


def opened(booking: Booking, actor: Actor = ANONYMOUS) -> Consents:
    return consent.open_child_consents(actor=actor, booking_id=booking.public_id, at=LATER)


def named(booking: Booking, who: Named, actor: Actor = ANONYMOUS) -> uuid.UUID:
    return consent.name_holder(actor=actor, booking_id=booking.public_id, named=who, at=ASKED)


def said(link: uuid.UUID, *, given: bool = True, matter: str = "care", when=LATER) -> None:
    sign.sign_consent(
        actor=ANONYMOUS,
        link_id=link,
        matter=matter,
        given=given,
        name="Quelqu'un d'Exemple",
        text_version=text_of(matter).version,
        at=when,
    )


def holder(link: uuid.UUID) -> uuid.UUID:
    return Link.objects.get(public_id=link).holder.public_id


def refuses(code: str, act: Callable[[], object]) -> None:
    with refused(code):
        act()


def kinds() -> list[str]:
    return list(Letter.objects.order_by("id").values_list("kind", flat=True))


def close(where: Practice, booking: Booking) -> Callable[[], object]:
    return lambda: closed(
        where,
        booking,
        rights=RIGHTS,
        nir=factories.made_up_nir(7, born_on=date(2018, 5, 17)),
    )


def test_a_childs_first_appointment_waits_and_its_time_is_kept_some_days(
    where: Practice, settings
):
    booking = child_booked(where)
    assert booking.status == "confirmed"
    found = opened(booking)
    assert (found.state, found.enough, found.holders) == (State.NONE_YET, False, ())
    # The session comes before the ten days are over: it is the end of the wait.
    assert found.kept_until == booking.starts_at
    settings.CONSENT_DAYS = 3
    other = child_booked(where, hour=11)
    assert opened(other).kept_until == other.created_at + 3 * DAY


def test_a_plan_and_an_appointment_on_purpose_wait_as_well(where: Practice):
    """However a child's first appointment is made, nothing is held before the parents agree."""
    lea = factories.person(at=ASKED, birth_date="2018-05-17", with_nir=True)
    factories.affiliation(lea, valid_from=MONDAY, fund_code="019990069")
    own = Actor("person", person_id=lea.pk)
    planned = book_plan(
        actor=own,
        person_id=lea.pk,
        psychologist_id=where.psychologist_id,
        chosen=[
            Chosen(where.place.pk, at(day, 10), kind, "in_person")
            for day, kind in ((MONDAY, "evaluation"), (MONDAY + 7 * DAY, "follow_up"))
        ],
        at=ASKED,
    )
    extra = overbook_slot(
        actor=where.actor,
        person_id=lea.pk,
        place_id=where.place.pk,
        starts_at=at(MONDAY + DAY, 20),
        minutes=45,
        kind="follow_up",
        modality="in_person",
        reason="urgent",
        at=ASKED,
    )
    waiting = [planned[0].pk, extra.pk, planned[1].pk]
    assert set(guardians.waits(waiting)) == set(waiting)
    assert opened(planned[0]).kept_until == planned[0].starts_at


def test_an_adult_waits_for_nobody(where: Practice):
    grown = Identity("Camille", "Exemple", date(1990, 5, 17), email="c@example.org")
    booking = child_booked(where, grown)
    assert opened(booking).state is State.NOT_NEEDED
    assert not Wait.objects.exists()
    refuses("consent_not_needed", lambda: named(booking, MOTHER))


def test_both_say_yes_each_by_their_own_link_and_the_appointment_holds(where: Practice):
    booking = child_booked(where)
    mother, father = named(booking, MOTHER), named(booking, FATHER)
    said(mother)
    assert opened(booking).state is State.ONE_MISSING
    refuses("consent_missing", close(where, booking))
    said(father)
    found = opened(booking)
    assert (found.state, found.kept_until) == (State.COMPLETE, None)
    assert [each.word for each in found.holders] == [Word.YES, Word.YES]
    assert Holder.objects.get(seat=1).email == "nadia@example.org"
    assert close(where, booking)()
    assert kinds().count("guardians.wait.ended") == 1
    assert kinds().count("guardians.link.made") == 2


def test_said_again_it_is_written_once(where: Practice):
    link = named(child_booked(where), MOTHER)
    said(link)
    said(link)
    assert Signature.objects.count() == 1
    assert kinds().count("guardians.signature.given") == 1


def test_one_refusal_stops_it_and_a_change_of_mind_frees_it(where: Practice):
    booking = child_booked(where)
    mother, father = named(booking, MOTHER), named(booking, FATHER)
    said(mother)
    said(father, given=False)
    assert opened(booking).state is State.REFUSED
    refuses("consent_refused", close(where, booking))
    said(father)
    assert opened(booking).state is State.COMPLETE
    assert Signature.objects.count() == 3


def test_a_consent_taken_back_makes_the_appointment_wait_again(where: Practice):
    booking = child_booked(where)
    mother, father = named(booking, MOTHER), named(booking, FATHER)
    said(mother)
    said(father)
    # After the link's end a yes is too late; a no never is.
    after = Link.objects.get(public_id=mother).ends_at
    booking.starts_at, booking.ends_at = after + DAY, after + DAY + timedelta(hours=1)
    booking.civil_day = booking.starts_at.date()
    booking.save()
    refuses("link_too_old", lambda: said(mother, when=after))
    said(mother, given=False, when=after)
    found = opened(booking)
    assert (found.state, found.kept_until) == (State.REFUSED, booking.starts_at)
    assert found.holders[0].taken_back


def test_once_care_has_begun_only_a_no_stops_it(where: Practice):
    """Children seen before anybody asked here go on; nobody is stopped by our paperwork."""
    born = date(2018, 5, 17)
    child = factories.person(at=ASKED, birth_date=born.isoformat(), with_nir=True)
    factories.affiliation(child, valid_from=date(2022, 4, 5), fund_code="019990069")
    factories.care_session(child, where.place, held_on=MONDAY - 30 * DAY, kind="evaluation")
    own = Actor("person", person_id=child.pk)
    booking = held(where, own, kind="follow_up")
    booking = confirm_booking(actor=own, booking_id=booking.public_id, at=ASKED)
    assert not Wait.objects.exists()
    mother = named(booking, Named("Nadia", "Exemple", email="n@example.org"))
    said(mother, given=False)
    assert Wait.objects.filter(ended_at=None).count() == 1
    refuses("consent_refused", close(where, booking))


def test_the_other_parent_cannot_be_told_one_signs_a_statement(where: Practice):
    booking = child_booked(where)
    mother = named(booking, MOTHER)
    refuses("consent_first", lambda: said(mother, matter="alone"))
    said(mother)
    assert sign.open_consent_link(actor=ANONYMOUS, link_id=mother, at=LATER).alone_fits
    said(mother, matter="alone")
    found = opened(booking)
    assert (found.state, found.kept_until) == (State.BY_STATEMENT, None)
    # The other one turns up after all, and says no.
    father = named(booking, FATHER)
    said(father, given=False)
    assert opened(booking).state is State.REFUSED


@pytest.mark.parametrize("capacity", ["sole_authority", "tutor", "judge"])
def test_who_decides_alone_is_enough_once_the_paper_was_seen(where: Practice, capacity: str):
    booking = child_booked(where)
    alone = Named("Nadia", "Exemple", capacity, proof="Jugement du 3 mars 2024", email="n@e.org")
    link = named(booking, alone)
    refuses("holders_enough", lambda: named(booking, FATHER))
    said(link)
    assert opened(booking).state is State.PAPER_TO_SEE
    refuses("consent_missing", close(where, booking))
    witness.record_proof(
        actor=where.actor,
        booking_id=booking.public_id,
        holder_id=holder(link),
        proof="Jugement du 3 mars 2024, n° 24/00012",
        at=LATER,
    )
    assert opened(booking).state is State.COMPLETE
    assert close(where, booking)()


def test_who_decides_alone_without_a_paper_is_not_taken(where: Practice):
    booking = child_booked(where)
    refuses("holder_unclear", lambda: named(booking, Named("A", "B", "judge", email="a@e.org")))
    refuses("holder_unclear", lambda: named(booking, Named("A", " ", email="a@e.org")))
    refuses("holder_unreachable", lambda: named(booking, Named("A", "B")))


def test_one_mailbox_does_not_answer_for_both(where: Practice):
    booking = child_booked(where)
    named(booking, MOTHER)
    twin = Named("Karim", "Exemple", email="Nadia@Example.org ")
    refuses("holder_alike", lambda: named(booking, twin))
    named(booking, FATHER)
    third = Named("Zoé", "Exemple", email="zoe@example.org")
    refuses("holders_enough", lambda: named(booking, third))


def test_papers_are_written_down_by_the_psychologist_alone(where: Practice):
    booking = child_booked(where)
    links = [named(booking, who, where.actor) for who in (MOTHER, Named("Karim", "Exemple"))]

    def paper(link: uuid.UUID, actor: Actor = where.actor, **words: object) -> None:
        told = {"original_seen": True, "signed_on": MONDAY - 8 * DAY} | words
        witness.record_paper(
            actor=actor,
            booking_id=booking.public_id,
            holder_id=holder(link),
            matter="care",
            given=True,
            at=LATER,
            **told,  # type: ignore[arg-type]
        )

    refuses("not_allowed", lambda: paper(links[0], ANONYMOUS))
    refuses("not_allowed", lambda: paper(links[0], practice().actor))
    refuses("paper_unseen", lambda: paper(links[0], original_seen=False))
    refuses("period_wrong", lambda: paper(links[0], signed_on=MONDAY + DAY))
    for link in links:
        paper(link)
    found = opened(booking, where.actor)
    assert (found.state, found.holders[0].how) == (State.COMPLETE, "paper")
    assert Signature.objects.first().recorded_by == "psychologist"  # type: ignore[union-attr]


def test_consent_is_given_to_one_psychologist(where: Practice):
    booking, elsewhere = child_booked(where), practice()
    said(named(booking, MOTHER))
    child = Person.objects.get(pk=booking.person_id)
    own = Actor("person", person_id=child.pk)
    other = held(elsewhere, own, day=MONDAY + DAY, kind="follow_up")
    other = confirm_booking(actor=own, booking_id=other.public_id, at=ASKED)
    assert [each.word for each in opened(other).holders] == [Word.NONE]


def test_a_new_link_ends_the_former_and_a_holder_taken_off_has_none(where: Practice):
    booking = child_booked(where)
    first = named(booking, FATHER)
    second = consent.send_consent_link(
        actor=ANONYMOUS, booking_id=booking.public_id, holder_id=holder(first), at=LATER
    )
    refuses("not_found", lambda: said(first))
    said(second)
    taken_off = {"booking_id": booking.public_id, "holder_id": holder(first), "at": LATER}
    refuses("holder_answered", lambda: consent.remove_holder(actor=ANONYMOUS, **taken_off))
    consent.remove_holder(actor=where.actor, **taken_off)
    refuses("not_found", lambda: said(second))
    assert opened(booking).holders == ()


def test_nobody_elses_holder_is_touched_by_a_link(where: Practice):
    booking, other = child_booked(where), child_booked(where, hour=11)
    theirs = holder(named(other, FATHER))
    step = {"booking_id": booking.public_id, "holder_id": theirs, "at": LATER}
    refuses("not_found", lambda: consent.remove_holder(actor=ANONYMOUS, **step))
    refuses("not_found", lambda: consent.send_consent_link(actor=ANONYMOUS, **step))


def test_times_without_consent_are_given_back_once_and_both_are_told(where: Practice, settings):
    settings.CONSENT_DAYS = 3
    late, kept, soon = (child_booked(where, hour=hour) for hour in (9, 11, 13))
    witness.keep_time(actor=where.actor, booking_id=kept.public_id, at=LATER)
    said(named(soon, MOTHER))
    said(named(soon, FATHER))
    over = late.created_at + 3 * DAY
    assert witness.end_unconsented(at=over - timedelta(seconds=1)) == 0
    assert witness.end_unconsented(at=over) == 1
    assert witness.end_unconsented(at=over) == 0
    late.refresh_from_db()
    assert (late.status, late.ended_by) == ("cancelled", "time")
    assert seats(late.person) == (0, 0)
    assert kinds().count("agenda.booking.cancelled") == 1
    assert Booking.objects.filter(status="confirmed").count() == 2


def test_what_began_or_ended_otherwise_only_stops_waiting(where: Practice):
    begun, cancelled = child_booked(where, hour=9), child_booked(where, hour=11)
    cancel_booking(actor=ANONYMOUS, booking_id=cancelled.public_id, at=LATER)
    assert witness.end_unconsented(at=cancelled.starts_at) == 0
    begun.refresh_from_db()
    assert begun.status == "confirmed"
    assert set(Wait.objects.values_list("ended_for", flat=True)) == {"gone"}


@pytest.mark.parametrize(
    ("zone", "birthday_eve_hour"), [("Europe/Paris", 22), ("America/Martinique", 2)]
)
def test_majority_is_counted_on_the_day_at_the_place_of_care(zone: str, birthday_eve_hour: int):
    """Late on the eve of the eighteenth birthday one is still a child, wherever Paris is."""
    where = practice(time_zone=zone)
    day = MONDAY + timedelta(days=1 if zone != "Europe/Paris" else 0)
    starts = at(day, birthday_eve_hour)
    factories.special_opening(
        where.place, MONDAY, starts_at_minute=20 * 60, ends_at_minute=24 * 60
    )
    eve = Booking.objects.create(
        psychologist_id=where.psychologist_id,
        place=where.place,
        kind="evaluation",
        starts_at=starts,
        ends_at=starts + timedelta(minutes=60),
        civil_day=MONDAY,
        status="held",
        held_until=starts,
        created_at=ASKED,
    )
    teen = Identity("Noé", "Exemple", date(2008, 3, 3), email="noe@example.org")
    booking = confirm_booking(actor=ANONYMOUS, booking_id=eve.public_id, identity=teen, at=ASKED)
    assert opened(booking).state is State.NONE_YET
    grown = Identity("Zoé", "Exemple", date(2008, 3, 2), email="zoe@example.org")
    other = child_booked(where, grown, day=MONDAY + DAY, hour=15)
    assert opened(other).state is State.NOT_NEEDED


def test_a_signature_opens_to_who_signed_and_to_its_psychologist(where: Practice):
    booking = child_booked(where)
    mother, father = named(booking, MOTHER), named(booking, FATHER)
    said(mother)
    row = Signature.objects.get()

    def read(actor: Actor, link: uuid.UUID | None = None) -> sign.Signed:
        return sign.open_signature(actor=actor, signature_id=row.public_id, link_id=link, at=LATER)

    assert read(ANONYMOUS, mother).name == "Quelqu'un d'Exemple"
    assert read(where.actor).child_name == "Léa Exemple"
    refuses("not_allowed", lambda: read(ANONYMOUS, father))
    refuses("not_allowed", lambda: read(ANONYMOUS))
    refuses("not_allowed", lambda: read(practice().actor))


def test_two_words_at_once_end_the_wait_once(where: Practice):
    """The wait ends for whoever ends it first: its letter is left once."""
    booking = child_booked(where)
    wait = Wait.objects.get(booking=booking)
    assert guardians.end_wait(wait, ended_for="complete", at=LATER)
    assert not guardians.end_wait(wait, ended_for="complete", at=LATER)
