"""All that is kept about somebody is theirs to read, to take away, and to say yes or no to."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from tests import factories as make
from tests.steps import scene
from tests.steps.refusals import refused
from tools.data_export_page import PAGE, page

from soutien.registers.accounts.models import (
    MailLink,
    OpenSession,
    Passkey,
    Recovery,
    RecoveryCode,
    Role,
    TotpKey,
)
from soutien.registers.api_keys.models import ApiKey
from soutien.registers.audit.models import Entry
from soutien.registers.care import episodes
from soutien.registers.care.models import Episode, HandOver, Referral, Review
from soutien.registers.claims import papers
from soutien.registers.claims.models import Decision
from soutien.registers.consents import queries as consents
from soutien.registers.consents.models import Consent
from soutien.registers.corrections import queries as corrections
from soutien.registers.documents import queries as documents
from soutien.registers.guardians import queries as guardians
from soutien.registers.identities.models import CertifiedTraits, ExternalIdentity
from soutien.registers.insurance import queries as insurance
from soutien.registers.ledger import queries as ledger
from soutien.registers.measures import queries as measures
from soutien.registers.payments.models import BankDetail, BankLine, Order, Payment
from soutien.registers.people import majorities
from soutien.registers.people.models import Person
from soutien.registers.rights import queries as rights
from soutien.registers.waiting.models import Offer, Request
from soutien.registers.writings import queries as writings
from soutien.rules.owed import Shares, owed
from soutien.rules.purposes import PURPOSES
from soutien.steps.actor import Actor
from soutien.steps.contact import Contact
from soutien.steps.entitled import Right
from soutien.steps.own_data import (
    download_own_data,
    open_consents,
    open_own_data,
    say_consent,
)
from soutien.steps.own_data_shape import OTHERWISE, SECTIONS, given, left_out, rows
from soutien.steps.share import share_calendar
from soutien.steps.wait import join_waiting_list

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
OURS = "soutien.registers"


def signed_in(who: Person) -> Actor:
    """The person with an account."""
    return replace(scene.of(who), account_id=who.pk + 1000)


def tables_that_lead_to_a_person() -> set[str]:
    """Every model of the registers from which foreign keys lead to a person."""
    ours = [model for model in apps.get_models() if model.__module__.startswith(OURS)]
    leading = {"people.Person"}
    grown = True
    while grown:
        before = len(leading)
        for model in ours:
            targets = {
                field.related_model._meta.label
                for field in model._meta.local_concrete_fields
                if isinstance(field, models.ForeignKey)
            }
            if targets & leading:
                leading.add(model._meta.label)
        grown = len(leading) > before
    return leading


def test_every_table_that_leads_to_a_person_is_in_the_export_or_says_why_not():
    assert tables_that_lead_to_a_person() == {
        *(section.model for section in SECTIONS),
        *(name for name in OTHERWISE),
    }


def test_every_column_left_out_exists_and_says_why():
    for section in SECTIONS:
        names = {field.name for field in section.table._meta.local_concrete_fields}
        assert set(section.left_out) <= names, section.name
        for field in section.table._meta.local_concrete_fields:
            assert field in given(section) or len(left_out(section, field)) > 5


def an_account(who: Person) -> None:
    """An account with every kind of protection, session, link and key."""
    account = make.account(Role.PERSON, person=who)
    mine: dict[str, Any] = {"account": account}
    later = NOW + timedelta(days=1)
    OpenSession.objects.create(
        **mine, key_digest="d" * 64, how="link", began_at=NOW, last_seen_at=NOW, ends_at=later
    )
    MailLink.objects.create(
        **mine, kind="sign_in", email=account.email, browser="b" * 64, asked_at=NOW, ends_at=later
    )
    TotpKey.objects.create(**mine, secret="CANARYSECRETOFCODES", made_at=NOW)
    Passkey.objects.create(
        **mine, name="Canari-clé", credential_digest="p" * 64, credential=b"1", added_at=NOW
    )
    Recovery.objects.create(
        **mine, how="mail", state="waiting", began_at=NOW, ready_at=later, ends_at=later
    )
    RecoveryCode.objects.create(**mine, digest="canary digest of a code", made_at=NOW)
    ApiKey.objects.create(
        **mine,
        digest="k" * 64,
        name="Canari-programme",
        scopes="read",
        made_at=NOW,
        valid_before=later,
    )
    identity = ExternalIdentity.objects.create(
        **mine,
        provider="fc",
        issuer="https://issuer.example",
        subject="canari-sujet",
        subject_index="s" * 64,
        linked_how="opened",
        linked_at=NOW,
    )
    CertifiedTraits.objects.create(
        identity=identity,
        person=who,
        family_name="CANARI-NAISSANCE",
        given_names=["Ada"],
        birth_date="1990-05-17",
        sex="female",
        birth_place="69123",
        certified_at=NOW,
    )


@pytest.fixture
def somebody() -> Person:
    """A person with a whole history: rights, sessions, claims, waits, an account and its keys."""
    here = scene.practice()
    who = scene.insured()
    for kind in ("maternity", "ald"):
        make.exemption(who, kind, valid_from=scene.OPENED)
    booking = scene.booked(here, who, day=scene.AUTUMN, kind="evaluation")
    session = scene.closed(here, booking)
    scene.sent(here, session)
    later = make.care_session(who, here.place, held_on=scene.AUTUMN + timedelta(days=7))
    refused = make.claim(make.care_sheet(later), received_on=scene.AUTUMN + timedelta(days=8))
    waiting = make.decision(refused, accepted=False, to_confirm=True)
    make.review(waiting)
    make.event(refused)
    make.contest_answer(make.contest(waiting))
    again = make.decision(refused, accepted=False, sequence=2)
    parties = ledger.Parties(who.pk, refused.psychologist_id, refused.fund_code)
    due = ledger.moves(owed(Shares(3000, 0, 0)), parties)
    ledger.post([ledger.Transaction("decided", again.pk, due, NOW.date(), NOW, refused.pk)])
    detail = BankDetail.objects.create(
        person=who, iban="Canari-compte", holder_name="Canari", fund_code="019990069", given_at=NOW
    )
    order = Order.objects.create(
        number="V1",
        payer="fund:019990069",
        cut_off_on=NOW.date(),
        execution_on=NOW.date(),
        cents=3000,
        payments=1,
        prepared_at=NOW,
        prepared_by=1,
    )
    transfer = Payment.objects.create(
        order=order,
        number="V1-1",
        claim=refused,
        account_id=ledger.account_of(ledger.person(who.pk)),
        bank_detail=detail,
        cents=3000,
        payer=order.payer,
        attempt=1,
    )
    BankLine.objects.create(
        fingerprint="0" * 64,
        payer=order.payer,
        kind="paid",
        incoming=False,
        payment=transfer,
        cents=3000,
        booked_on=NOW.date(),
        read_at=NOW,
    )
    make.psychiatric_situation(who, "psychiatric_ald", valid_from=NOW.date())
    Referral.objects.create(person=who, written_on=scene.AUTUMN, referrer="doctor")
    Request.objects.create(
        psychologist=here.place.psychologist,
        name="Canari-rappel",
        browser="c" * 64,
        booking=booking,
        created_at=NOW,
    )
    wait = join_waiting_list(
        actor=scene.of(who),
        contact=Contact("Canari-attente", email="canari@example.org"),
        need="heavy",
        at=NOW,
        psychologist_id=here.place.psychologist.public_id,
    )
    Offer.objects.create(
        wait=wait, booking=booking, made_at=NOW, answer_before=NOW + timedelta(hours=8)
    )
    make.guardianship(who, make.person(at=NOW, birth_date="2015-03-02"), valid_from=scene.OPENED)
    majorities.tell(who.pk, NOW)
    signed, _other = make.consents(who, here.place.psychologist, at=NOW)
    make.consent_link(signed.holder, here.place.psychologist, at=NOW)
    guardians.keep_paper(signed.holder, content_type="image/png", content=b"Canari", at=NOW)
    guardians.wait_for_consent(booking.pk, who.pk, at=NOW, until=booking.starts_at)
    share_calendar(actor=scene.of(who), language="fr", at=NOW)
    an_account(who)
    asked = measures.ask(
        who.pk,
        here.place.psychologist.pk,
        booking.pk,
        scale="phq-9",
        version="1",
        by_link=True,
        at=NOW,
        valid_before=NOW + timedelta(days=9),
    )
    outcome = measures.keep(
        who.pk,
        here.place.psychologist.pk,
        {"scale": "phq-9", "answers": [0] * 9},
        questionnaire_id=asked.pk,
        filled_on=NOW.date(),
        by="person",
        at=NOW,
    )
    measures.review(outcome, "talked", by="psychologist", at=NOW)
    consents.say(who.pk, "research", given=True, text_version=1, said_by="person", at=NOW)
    corrections.keep(who.pk, {"phone": "0639981234"}, by="person", at=NOW)
    corrections.ask(
        who.pk,
        fund_code="019990069",
        given_name="Canari-voulu",
        family_name="Canari",
        birth_date="1990-05-17",
        asked_at=NOW,
        asked_by="person",
    )
    right = Right("cover", NOW.date(), insurer_name="Canari-mutuelle").told()
    rights.keep(
        person_id=who.pk,
        right="cover",
        subject=uuid4(),
        act="opened",
        content={"before": None, "now": right},
        evidence="letter",
        evidence_on=NOW.date(),
        document=uuid4(),
        seen_by="fund_agent",
        seen_by_account=7,
        recorded_at=NOW,
    )
    rights.declare(
        who.pk,
        fund_code="019990069",
        content=right,
        document=uuid4(),
        declared_at=NOW,
        declared_by="person",
    )
    member = insurance.Member(
        insurer_code="0099900001",
        member_number="Canari-7",
        family_name="Canari",
        given_name="Ada",
        birth_date="1990-05-17",
        contract_code="E1",
        valid_from=NOW.date(),
        person=who,
        **insurance.indexes_of("0099900001", "Canari-7", ""),
    )
    insurance.add_members([member])
    decision = Decision.objects.filter(claim__person=who).latest("pk")
    insurance.add_part(
        claim=decision.claim,
        decision=decision,
        insurer_code="0099900001",
        accepted=True,
        remainder_cents=2000,
        amc_cents=2000,
        decided_at=NOW,
        decided_by="system",
    )
    paper = papers.add(
        number="Canari-papier",
        fund_code="019990069",
        person=who,
        psychologist=here.place.psychologist,
        place=here.place,
        received_on=scene.AUTUMN,
        begun_at=NOW,
    )
    papers.typed(paper, {"finess": "Canari-saisie"}, amounts_only=False, account=None, at=NOW)
    rights.add_check(
        who.pk, fund_code="019990069", asked_at=NOW, outcome="differs", differences=[right]
    )
    episode = Episode.objects.get(person=who)
    episodes.say_goals(episode, "Canari-souhait", by="person", at=NOW)
    HandOver.objects.create(
        episode=episode,
        to_psychologist=here.place.psychologist,
        content={"goals": "Canari-relais"},
        said_by="person",
        agreed_at=NOW,
    )
    Review.objects.create(
        episode=episode,
        kind="mid_course",
        sequence=1,
        sessions_held=1,
        change="better",
        conclusion="Canari-conclusion",
        written_at=NOW,
    )
    documents.keep(
        who.pk,
        kind="other",
        content_type="application/pdf",
        content=b"Canari-papier",
        by="person",
        at=NOW,
    )
    for body in ({"words": "Canari-note"}, {"words": "Canari-brouillon"}):
        note = writings.begin(
            "evaluation_note",
            person_id=who.pk,
            psychologist_id=here.psychologist_id,
            body=body,
            written_on=NOW.date(),
            at=NOW,
        )
        if body["words"] == "Canari-note":
            writings.sign(note, NOW)
            over = writings.hand_over(note, to="cmp", basis="agreed", at=NOW)
            writings.show(note, who.pk, NOW)
            writings.answer(over, seen="not_yet", at=NOW)
    return who


def test_a_draft_is_its_psychologist_s(somebody: Person):
    export = download_own_data(actor=signed_in(somebody), person_id=somebody.pk, at=NOW)
    text = json.dumps(export, ensure_ascii=False)
    assert "Canari-note" in text and "Canari-brouillon" not in text
    assert len(export["writings"]) == len(export["written"]) == 1


def test_what_is_planted_comes_out_column_by_column(somebody: Person):
    export = download_own_data(actor=signed_in(somebody), person_id=somebody.pk, at=NOW)
    text = json.dumps(export, ensure_ascii=False)
    seen = 0
    for section in SECTIONS:
        for row, told in zip(rows(section, somebody.pk), export[section.name], strict=True):
            for field in section.table._meta.local_concrete_fields:
                value = getattr(row, field.attname)
                if field in given(section):
                    assert field.name in told, f"{section.name}.{field.name}"
                    seen += 1
                elif isinstance(value, str) and len(value) > 12:
                    assert value not in text, f"{section.name}.{field.name} is left out"
    assert seen > 200
    empty = {section.name for section in SECTIONS if not export[section.name]}
    assert not empty, "Plant a row of each table."
    canaries = ("attente", "rappel", "clé", "programme", "sujet", "voulu")
    for planted in (somebody.nir, somebody.family_name, "0639981234", "CANARI-NAISSANCE"):
        assert planted in text
    for word in canaries:
        assert f"anari-{word}" in text
    for secret in ("CANARYSECRETOFCODES", "canary digest of a code"):
        assert secret not in text


def test_what_people_said_of_a_refusal_is_given_once_the_refusal_is(somebody: Person):
    session = make.care_session(somebody, make.place(make.psychologist()), held_on=scene.MONDAY)
    claim = make.claim(make.care_sheet(session), received_on=scene.MONDAY)
    waiting = make.review(make.decision(claim, accepted=False, to_confirm=True))
    reviews = next(section for section in SECTIONS if section.name == "reviews")
    assert waiting not in rows(reviews, somebody.pk)
    make.decision(claim, accepted=False, sequence=2)
    assert waiting in rows(reviews, somebody.pk)


def test_the_export_names_the_form_it_has(somebody: Person):
    export = download_own_data(actor=signed_in(somebody), person_id=somebody.pk, at=NOW)
    assert (export["format"], export["version"]) == ("soutien.own-data", 1)
    assert {section.name for section in SECTIONS} | {"letters", "accesses"} <= set(export)
    assert any(letter["kind"] == "agenda.booking.confirmed" for letter in export["letters"])


def test_the_copy_leaves_one_line(somebody: Person):
    download_own_data(actor=signed_in(somebody), person_id=somebody.pk, at=NOW)
    [line] = Entry.objects.filter(event="people.data.downloaded")
    assert line.person_id == somebody.pk


def test_nothing_of_somebody_else_comes_out(somebody: Person):
    other = make.person(at=NOW, with_nir=True, given_name="Zibeline", family_name="Xylophone")
    make.guardianship(somebody, other, valid_from=scene.OPENED)
    export = download_own_data(actor=signed_in(somebody), person_id=somebody.pk, at=NOW)
    text = json.dumps(export, ensure_ascii=False)
    assert export["who_acts_for_whom"][0]["child"] == "somebody else"
    for word in ("Zibeline", "Xylophone", other.nir, other.email):
        assert word not in text


@pytest.mark.parametrize("step", [open_own_data, download_own_data, open_consents])
def test_a_booking_link_opens_no_file(somebody: Person, step: Any):
    with refused("not_allowed"):
        step(actor=scene.of(somebody), person_id=somebody.pk, at=NOW)


@pytest.mark.parametrize("step", [open_own_data, download_own_data, open_consents])
def test_somebody_else_s_file_is_refused(somebody: Person, step: Any):
    other = make.person(at=NOW)
    with refused("not_allowed"):
        step(actor=signed_in(other), person_id=somebody.pk, at=NOW)


def say(who: Person, purpose: str, *, given: bool, version: int = 1, hours: int = 0) -> None:
    say_consent(
        actor=signed_in(who),
        person_id=who.pk,
        purpose=purpose,
        given=given,
        text_version=version,
        at=NOW + timedelta(hours=hours),
    )


def test_nothing_is_agreed_to_beforehand_but_what_an_appointment_needs():
    who = make.person(at=NOW)
    found = open_consents(actor=signed_in(who), person_id=who.pk, at=NOW)
    assert {one.purpose.code for one in found if one.allowed} == {"reminder_mail", "reminder_text"}
    assert not any(one.said for one in found)


def test_the_last_word_holds_and_all_are_kept():
    who = make.person(at=NOW)
    for hours, given_now in enumerate((True, False, False, True)):
        say(who, "research", given=given_now, hours=hours)
    assert consents.allows(who.pk, "research")
    # Saying the same twice is one line.
    assert [line.given for line in consents.of_person(who.pk)] == [True, False, True]
    events = Entry.objects.filter(person_id=who.pk).order_by("at").values_list("event", flat=True)
    assert list(events) == [
        "consents.consent.given",
        "consents.consent.withdrawn",
        "consents.consent.given",
    ]


def test_a_text_that_was_not_read_is_not_answered():
    who = make.person(at=NOW)
    with refused("text_changed"):
        say(who, "research", given=True, version=PURPOSES["research"].text.version + 1)
    with refused("not_found"):
        say(who, "anything", given=True)
    assert not Consent.objects.exists()


def test_what_was_said_is_neither_changed_nor_removed():
    who = make.person(at=NOW)
    say(who, "research", given=True)
    for statement in (
        "UPDATE consents_consent SET given = NOT given",
        "DELETE FROM consents_consent",
        "TRUNCATE consents_consent"
        if connection.vendor == "postgresql"
        else "INSERT OR REPLACE INTO consents_consent SELECT * FROM consents_consent",
    ):
        with (
            pytest.raises(IntegrityError, match="append_only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement)


def test_a_former_value_stays_until_its_person_is_forgotten():
    who = make.person(at=NOW)
    corrections.keep(who.pk, {"email": "before@example.org"}, by="person", at=NOW)
    with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
        corrections.forget(who.pk)
    with (
        pytest.raises(IntegrityError, match="append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE corrections_formervalue SET field = 'phone'")
    Person.objects.filter(pk=who.pk).update(forgotten_at=NOW)
    assert corrections.forget(who.pk) == 1


def test_the_page_of_the_export_is_up_to_date():
    assert PAGE.read_text() == page(), "Run: python -m tools.data_export_page"
