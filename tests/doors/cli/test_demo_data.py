"""The demo's country: the same at every run, nobody real, and every claim decided by the law."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.db import connection, transaction
from django.db.models import Model
from schwifty import IBAN
from stdnum import luhn
from stdnum.fr import nir as nir_check
from tests import factories

from soutien.doors.cli import demo_data
from soutien.doors.cli.demo_data import Scale, identifiers, psychologists, towns
from soutien.doors.cli.demo_data.people import individuals
from soutien.doors.environment import SettingError
from soutien.registers.accounts.models import Account, Role
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking, OpeningException, OpeningRule
from soutien.registers.audit.models import Entry
from soutien.registers.care import episodes as care_episodes
from soutien.registers.care import queries as care
from soutien.registers.care.models import (
    CareSession,
    Episode,
    Goals,
    Note,
    NoteVersion,
    Referral,
    Seat,
)
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import CareSheet, Claim, Contest, Decision, PaperSheet
from soutien.registers.insurance.models import PartDecision
from soutien.registers.ledger import queries as ledger
from soutien.registers.ledger.models import Account as LedgerAccount
from soutien.registers.measures.models import Outcome, Questionnaire, Review
from soutien.registers.payments.models import PayerAccount, Payment
from soutien.registers.people.guardianships import Guardianship
from soutien.registers.people.models import Affiliation, Cover, Exemption, Person
from soutien.registers.places import gazetteer
from soutien.registers.psychologists.models import Agreement, PracticePlace, Psychologist
from soutien.registers.writings.models import Writing
from soutien.rules.answer import answer
from soutien.rules.booking import booking_refusals
from soutien.rules.codes import Reason
from soutien.rules.consent import State
from soutien.rules.decide import NO_CAP
from soutien.rules.life import Payer, life
from soutien.rules.life import State as Stands
from soutien.steps import (
    accompany,
    correct,
    decisions,
    gather,
    issued,
    jot,
    look,
    measure,
    meet,
    refer,
    transcribe,
    verify,
    write,
)
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.authority import consents_of
from soutien.steps.marked import histories
from soutien.steps.money import Where, follow_money
from soutien.steps.reclaim import list_undue
from soutien.steps.reconcile import list_gaps
from soutien.steps.standing import Reads, who_reads

AT = datetime(2026, 11, 18, 13, 20, tzinfo=UTC)
ON = AT.date()
SMALL = Scale(psychologists=60, people=60)
FULL_SIZE = 6_700
# What an agent typed from paper.
ENTERED = PaperSheet.objects.exclude(care_sheet=None).values("care_sheet")


@contextmanager
def made(at: datetime, scale: Scale = SMALL) -> Iterator[None]:
    """The demo in the test database, gone at the end."""
    with transaction.atomic():
        demo_data.load(at=at, scale=scale)
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def country(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One small country for all tests that only look at it."""
    with django_db_blocker.unblock(), made(AT):
        yield


@pytest.fixture(scope="module")
def long_care(django_db_setup: None, django_db_blocker: Any, country: None) -> list[Claim]:
    """Every claim of the small country, oldest first: nobody's whose facts changed since."""
    related = ("care_sheet", "care_session__place", "care_session__booking")
    changed = Decision.objects.filter(sequence__gt=1).values("claim__person")
    found = Claim.objects.exclude(person__in=changed).exclude(care_sheet__in=ENTERED)
    return list(found.select_related(*related).order_by("id"))


@contextmanager
def as_it_was(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the registers answered before a moment: later sessions and decisions are unknown."""
    decisions, sessions = claims.latest_decisions_of, care.sessions_of_people
    held = set(CareSession.objects.filter(recorded_at__lt=moment).values_list("id", flat=True))
    with monkeypatch.context() as patch:
        patch.setattr(
            claims,
            "latest_decisions_of",
            lambda person_ids: {
                person_id: [row for row in rows if row.decided_at < moment]
                for person_id, rows in decisions(person_ids).items()
            },
        )
        patch.setattr(
            care,
            "sessions_of_people",
            lambda person_ids: {
                person_id: [row for row in rows if row.id in held]
                for person_id, rows in sessions(person_ids).items()
            },
        )
        yield


# The law


def test_every_claim_is_decided_again_the_same_from_the_stored_rows(
    long_care: list[Claim], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(long_care) >= 200
    for claim in long_care:
        stored = Decision.objects.get(claim=claim)
        with as_it_was(claim.received_at, monkeypatch):
            answered = answer(
                decisions.dossier(claim.care_sheet.lines.get(), claim.received_on), gather.law()
            )
        again = answered.decision
        assert stored.facts == {
            "session": answered.session._asdict(),
            "past": answered.past._asdict(),
        }
        assert stored.terms == answered.terms._asdict()
        assert stored.law_version == answered.law.version
        left = NO_CAP if stored.sessions_left is None else stored.sessions_left
        same = {"sessions_left": left, **{name: getattr(stored, name) for name in AMOUNTS}}
        assert same == {name: getattr(again, name) for name in same}
        assert bool(again.accepted) == stored.accepted
        assert stored.used_before == answered.past.used_this_year
        assert stored.used_after - stored.used_before == stored.accepted
        assert stored.to_confirm == bool(stored.reasons & int(Reason.NON_INCLUSION_PSYCHIATRIC))
        assert claim.fund_code == decisions.fund_code(claim.care_session)


AMOUNTS = (
    *("reasons", "notices", "coverage", "third_party", "price_cents", "amo_cents"),
    *("local_regime_cents", "amc_cents", "patient_cents", "patient_upfront_cents"),
)


def test_a_sheet_holds_what_closing_the_session_prints(
    long_care: list[Claim], monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = 0
    for claim in long_care:
        sheet, session = claim.care_sheet, claim.care_session
        on_paper = session.booking is None or not session.performed
        line = sheet.lines.get()
        if on_paper or not sheet.complete or line.price_cents != session.price_cents:
            continue
        if line.act_code != gather.act_code(session.kind, session.modality).name:
            continue
        seen = meet._Seen(
            session.booking,
            True,
            session.modality,
            meet.Signatures(person=True, psychologist=True),
            session.linked_to,
            session.prescribed,
            meet.UNTOLD,
        )
        with as_it_was(sheet.issued_at, monkeypatch):
            # What the person had asked for is known by what the sheet grants.
            dossier = meet._dossier(seen, sheet.amo_third_party)
            answered = answer(dossier, gather.law())
        if answered.decision.accepted:
            told, both = issued.Line(session, dossier, answered), seen.signatures
            assert json.loads(sheet.printed) == issued.printed(sheet, [told], both, None)
            compared += 1
    assert compared >= 150


def test_refusals_are_real_and_rare(country: None) -> None:
    decided = Counter(Decision.objects.values_list("accepted", flat=True))
    assert decided[True] > 200
    assert decided[False] <= decided[True] * 0.08


def test_an_accepted_session_uses_a_seat_and_a_coming_one_keeps_a_seat(country: None) -> None:
    paid = set(
        claims.counting().filter(accepted=True).values_list("claim__care_session", flat=True)
    )
    assert paid == set(Seat.objects.filter(used=True).values_list("care_session", flat=True))
    for booking in Booking.objects.filter(status="confirmed"):
        seat = Seat.objects.get(booking=booking)
        assert not seat.used
        assert seat.kind == booking.kind


def test_every_coming_appointment_could_be_booked(country: None) -> None:
    # Who waits for somebody to read a refusal again keeps appointments booked before it.
    waiting = Decision.objects.filter(to_confirm=True).values_list("claim__person", flat=True)
    confirmed = Booking.objects.filter(status="confirmed", starts_at__gt=AT)
    coming = confirmed.exclude(person__in=waiting).select_related("place")
    assert len(coming) > 0.9 * len(confirmed)
    for booking in coming:
        session = gather.planned(
            psychologist_id=booking.psychologist_id,
            kind=booking.kind,
            modality=booking.modality,
            held_on=booking.civil_day,
        )
        dossier = gather.planned_dossier(
            booking.person_id, session, booking.place.practice, booking.pk
        )
        assert not booking_refusals(answer(dossier, gather.law()).decision)


def test_appointments_stand_within_the_hours_of_the_agenda(country: None) -> None:
    coming = list(Booking.objects.filter(status="confirmed", starts_at__gt=AT))
    with transaction.atomic():
        Booking.objects.filter(status="confirmed", starts_at__gt=AT).update(status="cancelled")
        for booking in coming:
            free = agenda.free_slots(
                [booking.psychologist_id],
                since=booking.starts_at,
                until=booking.ends_at,
                kind="follow_up",
                # Seen a week before, when the notice a psychologist asks for is still kept.
                now=booking.starts_at - timedelta(days=7),
                modality=booking.modality,
            )[booking.psychologist_id]
            places = [(slot.place_id, slot.starts_at, slot.ends_at) for slot in free]
            if booking.kind == "follow_up":
                assert (booking.place_id, booking.starts_at, booking.ends_at) in places
        transaction.set_rollback(True)


def test_every_act_left_its_line_in_the_trace(country: None) -> None:
    lines = Counter(Entry.objects.values_list("event", flat=True))
    live = Booking.objects.count()
    assert lines["agenda.booking.held"] == lines["agenda.booking.confirmed"] == live
    assert lines["agenda.booking.cancelled"] == Booking.objects.filter(status="cancelled").count()
    typed, sent_in = Claim.objects.filter(care_sheet__in=ENTERED), Claim.objects.all()
    sent_in = sent_in.exclude(care_sheet__in=ENTERED)
    assert lines["claims.claim.sent"] == sent_in.count()
    assert lines["claims.claim.entered"] == typed.count() == 2
    held, missed = lines["care.session.held"], lines["care.session.missed"]
    assert held + missed == CareSession.objects.count() - typed.count()
    known = {str(pk) for pk in sent_in.values_list("pk", flat=True)}
    sent = Entry.objects.filter(event="claims.claim.sent")
    assert set(sent.values_list("object_id", flat=True)) == known
    assert set(sent.values_list("object_kind", flat=True)) == {"claims.claim"}


def test_every_row_points_at_a_row_that_exists(country: None) -> None:
    connection.check_constraints()


def test_nothing_happened_after_now(country: None) -> None:
    assert not Booking.objects.filter(created_at__gt=AT).exists()
    assert not CareSession.objects.filter(recorded_at__gt=AT).exists()
    assert not CareSheet.objects.filter(issued_at__gt=AT).exists()
    assert not Claim.objects.filter(received_at__gt=AT).exists()
    assert not Entry.objects.filter(at__gt=AT).exists()
    over = Booking.objects.filter(ends_at__lt=AT - timedelta(minutes=10), status="confirmed")
    assert over.count() == 1


# The same at every run


TOLD = (Psychologist, PracticePlace, Agreement, OpeningRule, OpeningException, Person) + (
    *(Affiliation, Exemption, Cover, Referral, Booking, CareSession, Seat, Decision),
    *(Questionnaire, Outcome, Review),
    *(Episode, Goals, care_episodes.Review, Note, NoteVersion),
)
# Keys are the database's own.
NOT_COMPARED = {"id"}


def told(model: type[Model]) -> list[str]:
    """All a table says, without keys."""
    names = [
        field.name
        for field in model._meta.concrete_fields
        if field.name not in NOT_COMPARED and not field.is_relation
    ]
    return [repr(row) for row in model._default_manager.order_by("pk").values_list(*names)]


@pytest.mark.django_db
def test_two_runs_make_the_same_country() -> None:
    runs = []
    for _run in range(2):
        with made(AT, Scale(psychologists=20, people=15)):
            runs.append({model.__name__: told(model) for model in TOLD})
    first, second = runs
    assert all(first.values())
    assert first == second


@pytest.mark.django_db
def test_a_database_in_use_is_left_alone() -> None:
    factories.psychologist()
    with pytest.raises(SettingError, match="not empty"):
        demo_data.load(at=AT, scale=SMALL)


@pytest.mark.django_db
def test_the_progress_of_each_part_reaches_its_end() -> None:
    seen: dict[str, list[tuple[int, int]]] = {}

    def report(label: str, done: int, total: int) -> None:
        seen.setdefault(label, []).append((done, total))

    with transaction.atomic():
        demo_data.load(at=AT, progress=report, scale=Scale(psychologists=20, people=15))
        transaction.set_rollback(True)
    for steps in seen.values():
        assert steps[-1][0] == steps[-1][1]
        assert all(before <= after for (before, _), (after, _) in pairwise(steps))


# Nobody real


def test_identifiers_are_right_and_nobodys(country: None) -> None:
    for person in Person.objects.all():
        assert nir_check.is_valid(person.nir)
        assert person.nir[5:7] == "00"
        assert person.email.endswith("@exemple.test")
        assert person.phone.startswith("063998")
    for row in Psychologist.objects.all():
        assert luhn.is_valid(row.rpps)
        assert len(row.rpps) == 11
        assert row.rpps.startswith("0")
        assert row.am_number.startswith("00")
        assert row.email.endswith("@exemple.test")
        assert row.phone.startswith(("019900", "026191", "035301", "046571", "053649", "063998"))
        assert len(row.phone) == 10
    for place in PracticePlace.objects.exclude(practice="liberal"):
        assert place.finess.startswith("00")
        assert luhn.is_valid(place.finess)
    for code in Affiliation.objects.values_list("fund_code", flat=True):
        assert code[2:5] == "999"
        assert len(code) == 9
        assert code.isdigit()


@pytest.mark.parametrize("number", [1, 999, 1_000, 123_456])
def test_the_demo_and_the_tests_make_up_numbers_alike(number: int) -> None:
    born_on = date(1990, 5, 17)
    assert identifiers.rpps(number) == factories.made_up_rpps(number)
    assert identifiers.nir(number, born_on=born_on, sex=2) == factories.made_up_nir(number)


def test_names_fit_their_columns_and_are_found_without_accents(country: None) -> None:
    for row in Psychologist.objects.all():
        assert row.search_name == row.search_name.lower()
        assert row.search_name.replace(" ", "").isascii()
        assert len(row.languages) <= 80
        assert row.presentation_fr.count(".") >= 2
        assert row.presentation_en.count(".") >= 2


# Spread as people are


def test_psychologists_are_spread_as_the_population_is() -> None:
    where = towns.spread(FULL_SIZE)
    assert len(where) == FULL_SIZE
    groups = {name: set(found) for name, found in towns.strata().items()}
    counted = Counter(name for town in where for name in groups if town in groups[name])
    assert counted["country"] == round(FULL_SIZE * 0.10)
    assert counted["suburb"] == round(FULL_SIZE * 0.33)
    departements = Counter(town.departement for town in where)
    assert {"971", "972", "973", "974", "976", "2A", "2B"} <= set(departements)
    assert len(departements) >= 98
    assert not {"987", "988", "986", "975"} & set(departements)
    assert not {"75056", "69123", "13055"} & {town.insee for town in where}


def test_the_number_under_agreement_grew_as_published() -> None:
    days = psychologists._days_joined(FULL_SIZE, ON)
    for day, partners in ((date(2023, 7, 15), 2_349), (date(2025, 2, 28), 5_217)):
        assert sum(joined <= day for joined in days) == pytest.approx(partners, abs=15)


def test_people_are_who_comes_to_these_sessions() -> None:
    people = individuals(1_000, 40, ON)
    shares = Counter[str]()
    for person in people:
        age = (person.starts_on - person.born_on).days / 365.25
        assert age >= 3
        shares["women"] += person.person.nir.startswith("2")
        shares["under 35"] += age < 35
        shares["under 25"] += age < 25
        shares["css"] += any(row.kind == "css" for row in person.exemptions)
        shares["alsace-moselle"] += any(
            row.regime == "regime_local_alsace_moselle" for row in person.affiliations
        )
        shares["no insurer"] += not person.covers and not person.exemptions
    for name, expected in (("women", 710), ("under 35", 500), ("under 25", 220), ("css", 110)):
        assert shares[name] == pytest.approx(expected, abs=60), name
    assert 20 <= shares["alsace-moselle"] <= 50
    assert 30 <= shares["no insurer"] <= 90


def test_first_sessions_wait_from_a_day_to_six_weeks_or_longer(country: None) -> None:
    open_to_all = Psychologist.objects.filter(accepts_new_patients=True).values_list("id")
    found = agenda.first_free(
        [pk for (pk,) in open_to_all],
        since=AT,
        until=AT + timedelta(days=56),
        kind="evaluation",
        now=AT,
        count=1,
    )
    weeks = Counter(
        (slots[0].starts_at - AT).days // 7 if slots else None for slots in found.values()
    )
    assert weeks[None]
    assert weeks[0]
    assert len(weeks) >= 5


def test_places_stand_near_their_town_with_its_postcode_and_clock(country: None) -> None:
    for place in PracticePlace.objects.all():
        town = gazetteer.town_by_insee(place.insee)
        assert town is not None
        assert place.postcode in town.postcodes
        away = gazetteer.distance_m(town.latitude, town.longitude, place.latitude, place.longitude)
        assert away <= 2_050
        assert place.time_zone == gazetteer.time_zone_of(place.insee)


# The accounts


def test_everybody_can_sign_in(country: None) -> None:
    roles = {Role.PERSON: 4, Role.PSYCHOLOGIST: 1, Role.FUND_AGENT: 2}
    roles |= {Role.INSURER_AGENT: 2, Role.DOCTOR: 1, Role.ADMINISTRATOR: 1}
    roles |= {Role.TOWN_EDITOR: 1, Role.TOWN_AUTHOR: 1}
    found = Counter[str]()
    for account in demo_data.ACCOUNTS:
        known = authenticate(username=account.email, password=account.password)
        assert isinstance(known, Account)
        found[known.role] += 1
    assert found == roles


def actor(email: str) -> Actor:
    account = Account.objects.get_by_natural_key(email)
    return Actor(
        account.role,
        account.pk,
        account.person_id,
        account.psychologist_id,
        account.fund_code,
        insurer_code=account.insurer_code,
    )


def test_camille_has_letters_and_a_note_and_a_doctor_waits_for_sacha_s_psychologist(
    country: None,
) -> None:
    camille, doctor = actor("camille@exemple.test"), actor("medecin@exemple.test")
    assert camille.person_id
    found = write.list_writings(actor=camille, person_id=camille.person_id, at=AT)
    kinds = {"referral", "accompaniment", "evaluation_note", "end_report"}
    assert {line.kind for line in found} == kinds
    for line in found:
        step = write.open_letter if line.kind == "referral" else write.open_writing
        assert step(actor=camille, writing_id=line.public_id, at=AT).body["family_name"]
    [left] = refer.list_own_letters(actor=doctor, at=AT)
    assert left.letter and left.code and left.received_at is None


def test_no_minor_was_seen_without_the_agreement_of_who_holds_authority(country: None) -> None:
    asked = 0
    for session in CareSession.objects.filter(performed=True).select_related("person"):
        consents = consents_of(session.person, session.psychologist_id, session.held_on)
        assert consents.enough, session.pk
        asked += consents.state is State.COMPLETE
    assert asked


def test_lea_waits_for_her_father_and_ines_has_an_own_space(country: None) -> None:
    nadia, ines = actor("nadia@exemple.test"), actor("ines@exemple.test")
    states = {}
    for row in Guardianship.objects.filter(guardian_id=nadia.person_id).select_related("child"):
        booking = Booking.objects.get(person=row.child)
        consents = consents_of(row.child, booking.psychologist_id, ON)
        states[row.child.given_name] = consents.state
        reads = who_reads(row.child, ON)
        assert (reads is Reads.APPOINTMENTS) is (row.child_id == ines.person_id)
    assert states == {"Léa": State.ONE_MISSING, "Inès": State.COMPLETE}


def test_some_of_the_psychologist_s_sessions_were_held_by_video(country: None) -> None:
    own = CareSession.objects.filter(
        psychologist_id=actor("psychologue@exemple.test").psychologist_id, performed=True
    )
    assert own.filter(modality="remote").exists()
    assert not own.filter(modality="remote", kind="evaluation").exists()


def test_an_agent_finds_papers_and_an_answer_of_the_service_of_rights(country: None) -> None:
    agent = actor("caisse@exemple.test")
    states = [line.state for line in transcribe.list_paper_sheets(actor=agent, at=AT)]
    assert sorted(states) == ["open", "returned"]
    [check] = verify.list_checks(actor=agent, at=AT)
    assert [one.what for one in check.differences] == ["opened"]


def test_an_agent_finds_a_correction_to_answer(country: None) -> None:
    agent = actor("caisse@exemple.test")
    [line] = correct.list_corrections(actor=agent, at=AT)
    asked = correct.open_correction(actor=agent, public_id=line.public_id, at=AT)
    assert [(one.field, one.wanted) for one in asked.lines] == [("given_name", "Camille-Marie")]


def test_camille_is_in_the_middle_of_care(country: None) -> None:
    camille = actor("camille@exemple.test")
    assert camille.person_id
    year = look.open_year(
        actor=camille, person_id=camille.person_id, civil_year=ON.year, on=ON, at=AT
    )
    assert (year.count.used, year.count.reserved) == (4, 1)
    [affiliation] = Affiliation.objects.filter(person=camille.person_id)
    assert affiliation.regime == "general"
    assert Cover.objects.filter(person=camille.person_id).exists()


def test_camille_has_a_curve_and_the_psychologist_answers_to_read(country: None) -> None:
    camille, theirs = actor("camille@exemple.test"), actor("psychologue@exemple.test")
    assert camille.person_id and theirs.psychologist_id
    mine = measure.open_curve(actor=camille, person_id=camille.person_id, at=AT)
    [curve] = mine.curves
    totals = [point.total for point in curve.points]
    assert len(totals) == 4 and totals == sorted(totals, reverse=True)
    assert [blank.stands for blank in mine.open_ones] == [True]
    unread = measure.list_unread(actor=theirs, psychologist_id=theirs.psychologist_id, at=AT)
    assert [each.outcome.urgent for each in unread] == [True, False]


def test_camille_s_care_is_lived_on_both_sides(country: None) -> None:
    camille, theirs = actor("camille@exemple.test"), actor("psychologue@exemple.test")
    assert camille.person_id
    mine = accompany.open_own_care(actor=camille, person_id=camille.person_id, at=AT)
    now, before = mine.episodes
    assert (now.open, now.checked, now.held, before.ended_for) == (True, True, 4, "changed")
    assert now.goals and before.end
    patient = Person.objects.get(pk=camille.person_id).public_id
    read = accompany.open_care(actor=theirs, patient_id=patient, at=AT)
    [received] = read.received
    assert set(received.content) == {"goals", "plan", "sessions", "end"}
    assert len(jot.list_notes(actor=theirs, patient_id=patient, at=AT).notes) == 4


def test_the_psychologist_s_patients_are_somewhere_on_their_way(country: None) -> None:
    theirs = actor("psychologue@exemple.test").psychologist_id
    found = Episode.objects.filter(psychologist=theirs)
    assert found.filter(checked_at=None).exists()
    assert found.exclude(goals=None).count() > len(found) // 3
    kinds = care_episodes.Review.objects.filter(episode__in=found).values_list("kind", flat=True)
    assert set(kinds) == {"mid_course"}
    over = found.filter(ended_for="finished").values_list("person", flat=True)
    reports = Writing.objects.filter(kind="end_report", person__in=over)
    assert len(over) == reports.count() > 0
    missed = CareSession.objects.filter(psychologist=theirs, performed=False)
    assert {row.missed_by for row in missed} == {"person"}


def test_sacha_has_rights_and_has_seen_nobody(country: None) -> None:
    sacha = actor("sacha@exemple.test").person_id
    assert [row.kind for row in Exemption.objects.filter(person=sacha)] == ["css"]
    assert not Booking.objects.filter(person=sacha).exists()


def test_the_fund_of_the_rhone_has_claims_to_read(country: None) -> None:
    agent = actor("caisse@exemple.test")
    assert Claim.objects.filter(fund_code=agent.fund_code).count() >= 4


def test_what_was_accepted_is_owed_and_the_demo_s_payers_paid_most_of_it(country: None) -> None:
    accepted = claims.counting().filter(accepted=True)
    payers = LedgerAccount.objects.filter(kind__in=["fund", "insurer"])
    borne = ledger.balances(list(payers.values_list("id", flat=True)))
    owed = sum(row.amo_cents + row.amc_cents for row in accepted)
    owed -= PartDecision.objects.get(accepted=False).remainder_cents
    assert -sum(borne.values()) == owed > 0
    money = follow_money(actor=actor("camille@exemple.test"), at=AT)
    assert Where.PAID in {share.where for line in money.lines for share in line.shares}
    assert PayerAccount.objects.count() == 2
    for kept in PayerAccount.objects.all():
        IBAN(kept.iban, validate_bban=True)
        gaps = list_gaps(actor=SYSTEM, payer=kept.payer, at=AT)
        assert [gap.kind for gap in gaps] in ([], ["returned"])


def test_every_payment_of_the_demo_has_its_place_in_the_life_of_its_claim(country: None) -> None:
    for one in Payment.objects.select_related("order", "bank_detail"):
        side = Payer.FUND if one.payer.startswith("fund:") else Payer.INSURER
        stands = life(histories([one.claim_id], side)[one.claim_id], trusted=None)
        if Decision.objects.filter(claim=one.claim_id, sequence__gt=1).exists():
            undue = stands.account.paid_cents > stands.account.owed_cents
            assert undue is (stands.state is Stands.TO_RECOVER)
            continue
        if Contest.objects.filter(claim=one.claim_id).exists():
            assert stands.state is Stands.CONTESTED
            continue
        back = one.lines.filter(kind="returned").exists()
        assert stands.state is (Stands.RETURNED if back else Stands.RECONCILED)
        assert stands.account.paid_cents == (0 if back else one.cents)
        assert not back or one.bank_detail.state == "closed"
        IBAN(one.bank_detail.iban, validate_bban=True)
    assert Payment.objects.exists()


def test_an_agent_finds_what_came_after_payments_and_refusals(country: None) -> None:
    agent, insurer = actor("caisse@exemple.test"), actor("mutuelle@exemple.test")
    causes = set(Decision.objects.values_list("cause", flat=True))
    assert causes == {"", "cancelled", "right_opened_late"}
    debts = list_undue(actor=agent, at=AT)
    assert [cents > 0 for cents in debts.by_age] == [False, True, False, False]
    assert list_undue(actor=insurer, at=AT).by_age[0] > 0
    assert Contest.objects.count() == 1
    said = PartDecision.objects.get(accepted=False)
    assert said.insurer_code == insurer.insurer_code and said.reasons


@pytest.mark.django_db
@pytest.mark.parametrize(
    "at",
    [
        pytest.param(datetime(2026, 11, 18, 8, 5, tzinfo=UTC), id="a weekday, early"),
        pytest.param(datetime(2026, 11, 22, 15, 30, tzinfo=UTC), id="a Sunday"),
        pytest.param(datetime(2027, 1, 1, 21, 50, tzinfo=UTC), id="New Year's Day, late"),
        pytest.param(datetime(2026, 7, 14, 11, 0, tzinfo=UTC), id="a public holiday"),
    ],
)
def test_today_always_has_a_life(at: datetime) -> None:
    with made(at, Scale(psychologists=20, people=90)):
        psychologist = Account.objects.get(role=Role.PSYCHOLOGIST).psychologist
        mine = Booking.objects.filter(psychologist=psychologist)
        today = at.date()
        assert mine.filter(civil_day=today).count() >= 5
        assert mine.filter(status="confirmed", ends_at__lt=at).count() == 1
        assert mine.filter(civil_day__gt=today, status="confirmed").count() >= 8
        free = agenda.first_free(
            [psychologist.pk],
            since=at,
            until=at + timedelta(days=14),
            kind="evaluation",
            now=at,
        )
        assert len(free[psychologist.pk]) == 3
