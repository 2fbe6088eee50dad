"""Two sides that have nothing to do with each other, each with every role and every kind of thing.

What belongs to one side must never be seen from the other. Everything that tells who somebody is
holds a word that stands nowhere else, so that a page which shows it gives itself away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.test import Client
from django.urls import reverse
from tests import factories as make
from tests import paying

from soutien.doors.booking_links import token_of
from soutien.doors.entry_links import entry_token
from soutien.doors.measure_links import QUESTIONS
from soutien.doors.waiting_links import CONSENT, OFFER, REQUEST, WAIT
from soutien.doors.waiting_links import token_of as waiting_token
from soutien.doors.web.actors import ACTING_FOR, SECOND_FACTOR_AT, VISITOR_PERSON
from soutien.registers.accounts.models import Account, Role
from soutien.registers.agenda.models import Absence, Booking, OpeningException, OpeningRule
from soutien.registers.care import episodes, notes
from soutien.registers.care import queries as care
from soutien.registers.care.models import Episode, Note
from soutien.registers.care.models import HandOver as Passed
from soutien.registers.care.models import Review as CareReview
from soutien.registers.claims.models import CareSheet, Claim, PaperSheet
from soutien.registers.contents.models import Content, Town
from soutien.registers.corrections import queries as corrections
from soutien.registers.corrections.models import Request as CorrectionRequest
from soutien.registers.documents import queries as documents
from soutien.registers.documents.models import Document
from soutien.registers.guardians import queries as guardians
from soutien.registers.guardians.models import Holder, Link, Paper, Signature
from soutien.registers.ledger import queries as ledger
from soutien.registers.measures import queries as measures
from soutien.registers.measures.models import Outcome, Questionnaire, Review
from soutien.registers.payments.models import Order, OrderAct, PayerAccount
from soutien.registers.people import rights as periods
from soutien.registers.people.models import Person
from soutien.registers.people.rights import Row
from soutien.registers.psychologists.models import (
    ConfirmationRequest,
    PracticePlace,
    Psychologist,
    Replacement,
)
from soutien.registers.rights import queries as declarations
from soutien.registers.rights.models import Check, Declaration
from soutien.registers.waiting.models import Offer, Request, Wait
from soutien.registers.writings import queries as writings
from soutien.registers.writings.models import ACCOMPANIMENT, REFERRAL, Deposit, HandOver, Writing
from soutien.rules.codes import Kind, Modality
from soutien.rules.owed import Shares, owed
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.claim import send_care_sheet
from soutien.steps.contact import Contact
from soutien.steps.draft import Draft, add_content, rewrite_content
from soutien.steps.entitled import Right
from soutien.steps.hold import hold_slot
from soutien.steps.measured import scale_named, scored, to_keep
from soutien.steps.meet import Signatures, close_session
from soutien.steps.pay import prepare_order, release_order
from soutien.steps.permissions import ROLES
from soutien.steps.publish import publish_content
from soutien.steps.refer import deposit_letter
from soutien.steps.request import request_call_back
from soutien.steps.settle import Arranged, settle_town
from soutien.steps.share import share_calendar
from soutien.steps.transcribe import type_paper
from soutien.steps.transcribed import Act, Typed
from soutien.steps.wait import join_waiting_list
from soutien.steps.written import DoctorLetter

# A Friday morning.
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SINCE = date(2022, 6, 1)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CAP = 12
SIGNED_IN = [role for role in ROLES if role != "anonymous"]
OF_A_CONTENT = ("desk_write", "desk_preview", "desk_publish", "desk_versions")


@dataclass
class Side:
    """One family, one practice, one fund; what they share; an account in every role."""

    word: str
    fund_code: str
    child: Person
    parent: Person
    psychologist: Psychologist
    place: PracticePlace
    colleague: Psychologist
    sheet: CareSheet
    claim: Claim
    booked: Booking
    begun: Booking
    closed: Booking
    held: Booking
    questionnaire: Questionnaire
    outcome: Outcome
    read: Outcome
    wait: Wait
    offer: Offer
    request: Request
    document: Document
    deposit: Deposit
    letter: Writing
    writing: Writing
    report: Writing
    correction: CorrectionRequest
    right: Row
    declared: Declaration
    order: Order
    typed: PaperSheet
    check: Check
    note: Note
    episode: Episode
    standing_in: Replacement
    entry: ConfirmationRequest
    town: Town
    event: Content
    draft: Content
    signature: Signature
    link: Link
    paper: Paper
    feed: str
    opening: OpeningRule
    absence: Absence
    exception: OpeningException
    accounts: dict[str, Account]

    def argument(self, route: str) -> dict[str, Any]:
        """The real arguments of an address, for the thing of this side."""
        return {
            "calendar_feed": {"token": self.feed},
            "questionnaire": {"token": waiting_token(QUESTIONS, self.questionnaire.public_id)},
            **dict.fromkeys(("outcome", "review"), {"public_id": self.outcome.public_id}),
            **dict.fromkeys(("visit_measures", "paper"), {"public_id": self.booked.public_id}),
            **dict.fromkeys(OF_A_PSYCHOLOGIST, {"public_id": self.psychologist.public_id}),
            **dict.fromkeys(("book_who", "book_check"), {"public_id": self.held.public_id}),
            **dict.fromkeys(OF_A_BOOKING, {"token": token_of(self.booked.public_id)}),
            WAIT: {"token": waiting_token(WAIT, self.wait.public_id)},
            OFFER: {"token": waiting_token(OFFER, self.offer.public_id)},
            REQUEST: {"token": waiting_token(REQUEST, self.request.public_id)},
            CONSENT: {"token": waiting_token(CONSENT, self.link.public_id)},
            "consent_paper": {
                "token": waiting_token(CONSENT, self.link.public_id),
                "public_id": self.signature.public_id,
            },
            "visit_consents": {"public_id": self.booked.public_id},
            "holder_paper": {"public_id": self.paper.public_id},
            "visit_signature": {"public_id": self.signature.public_id},
            "confirm_entry": {"token": entry_token(self.entry.public_id)},
            **dict.fromkeys(OF_A_CLAIM, {"public_id": self.claim.public_id}),
            "insurer_part": {"public_id": self.claim.public_id},
            **dict.fromkeys(("day_of", "add_visit"), {"day": self.booked.civil_day}),
            "close": {"public_id": self.begun.public_id},
            **dict.fromkeys(OF_A_PATIENT, {"public_id": self.child.public_id}),
            "note": {"public_id": self.note.public_id},
            "pass_on": {"public_id": self.episode.public_id},
            "document": {"public_id": self.document.public_id},
            **dict.fromkeys(
                ("visit_documents", "visit_writings"), {"public_id": self.booked.public_id}
            ),
            "blank_form_pdf": {"public_id": self.booked.public_id, "which": "accord"},
            "write": {"public_id": self.booked.public_id, "kind": "doctor_signal"},
            **dict.fromkeys(
                ("rewrite", "hand_over", "writing_parents"), {"public_id": self.report.public_id}
            ),
            **dict.fromkeys(OF_A_LETTER, {"public_id": self.letter.public_id}),
            **dict.fromkeys(OF_A_WRITING, {"public_id": self.writing.public_id}),
            "own_letter_pdf": {"public_id": self.deposit.public_id},
            "fund_correction": {"public_id": self.correction.public_id},
            "fund_check": {"public_id": self.check.public_id},
            "fund_ask_rights": {"public_id": self.child.public_id},
            **dict.fromkeys(
                ("fund_paper", "fund_paper_again", "receipt"), {"public_id": self.typed.public_id}
            ),
            "fund_person_rights": {"public_id": self.child.public_id},
            "fund_right": {"public_id": self.child.public_id, "right_id": self.right.public_id},
            **dict.fromkeys(
                ("fund_declaration", "fund_certificate"),
                {"public_id": self.declared.public_id},
            ),
            **dict.fromkeys(
                ("fund_order", "fund_order_file"), {"public_id": self.order.public_id}
            ),
            "correct_visit": {"public_id": self.closed.public_id},
            "cancel_visit": {"public_id": self.booked.public_id},
            "inbox_line": {"public_id": self.request.public_id},
            **dict.fromkeys(OF_A_SHEET, {"public_id": self.sheet.public_id}),
            **dict.fromkeys(
                ("town_home", "town_search", "town_feed", "town_colours"),
                {"town": self.town.slug},
            ),
            **dict.fromkeys(
                ("town_page", "town_event"), {"town": self.town.slug, "address": self.event.slug}
            ),
            **dict.fromkeys(OF_A_CONTENT, {"public_id": self.draft.public_id}),
            "desk_new": {"kind": "article"},
            "mailbox_calendar": {"key": UUID(int=7)},
        }.get(route, {})

    def query(self, route: str) -> str:
        """What an address is asked with, where it says nothing without."""
        if route == "book_slot":
            return f"?{urlencode(self.slot)}"
        return "?place=Lyon" if route in ("find", "join_around") else ""

    def path(self, route: str) -> str:
        """The whole path of an address."""
        return reverse(route, kwargs=self.argument(route)) + self.query(route)

    @property
    def slot(self) -> dict[str, str]:
        """A free time, as the form of the first screen sends it."""
        return {
            "place": str(self.place.pk),
            "starts": (NOW + 4 * DAY).isoformat(),
            "kind": "evaluation",
            "modality": "in_person",
        }

    @property
    def secrets(self) -> list[str]:
        """What no page may show to the other side."""
        return [self.word, self.claim.reference, self.sheet.number]

    @property
    def things(self) -> list[Any]:
        """The rows of this side that forms name by number or by public id."""
        return [
            *(self.child, self.parent, self.psychologist, self.place, self.colleague),
            *(self.sheet, self.claim, self.booked, self.begun, self.held),
            *(self.questionnaire, self.outcome),
            *(self.wait, self.offer, self.request, self.entry, self.document),
            *(self.deposit, self.letter, self.writing, self.report),
            *(self.correction, self.standing_in, self.order),
            *(self.wait, self.offer, self.request, self.entry, self.document, self.correction),
            *(self.deposit, self.letter, self.writing, self.note),
            *(self.signature, self.signature.holder, self.link, self.paper),
            *(self.opening, self.absence, self.exception),
            *self.accounts.values(),
        ]

    def state(self) -> list[Any]:
        """All that somebody could change of this side, as the database holds it."""
        mine = {"psychologist_id": self.psychologist.pk}
        people = [self.child.pk, self.parent.pk]
        return [
            list(model._default_manager.filter(**which).order_by("pk").values_list(*columns))
            for model, which, columns in (
                (Booking, mine, ("pk", "status", "starts_at", "person_id", "place_id")),
                (OpeningRule, mine, ("pk", "weekday", "starts_at_minute", "valid_before")),
                (Absence, mine, ("pk", "valid_from", "valid_before")),
                (OpeningException, mine, ("pk", "day", "closed", "starts_at_minute")),
                (Questionnaire, {"person_id__in": people}, ("pk",)),
                (Outcome, {"person_id__in": people}, ("pk",)),
                (Review, {"outcome__person_id__in": people}, ("pk",)),
                (Request, mine, ("pk", "status")),
                (Signature, mine, ("pk", "given")),
                (Link, mine, ("pk", "revoked_at")),
                (Document, {"person_id__in": people}, ("pk", "removed_at")),
                (Writing, {"person_id__in": people}, ("pk", "signature__number")),
                (HandOver, {"writing__person_id__in": people}, ("pk", "to", "basis")),
                (Deposit, {"author": self.accounts["doctor"]}, ("pk", "received_at")),
                (CorrectionRequest, {"person_id__in": people}, ("pk", "state")),
                (OrderAct, {"order": self.order}, ("pk", "act")),
                (PaperSheet, {"person_id__in": people}, ("pk", "state", "typings")),
                (Check, {"person_id__in": people}, ("pk", "settled_how")),
                (Note, {"person_id__in": people}, ("pk", "edits")),
                (Episode, {"person_id__in": people}, ("pk", "planned_sessions", "ended_for")),
                (Wait, {"person_id__in": people}, ("pk", "status")),
                (Claim, {"person_id__in": people}, ("pk",)),
                (Account, {"pk__in": [one.pk for one in self.accounts.values()]}, ("pk", "email")),
            )
        ]


OF_A_PSYCHOLOGIST = (
    *("psychologist", "report_availability", "join_for_one", "call_back"),
    *("book_slot", "book_follow_up", "plan"),
)
OF_A_LETTER = ("letter", "letter_pdf", "letter_json")
OF_A_WRITING = ("writing", "writing_pdf", "writing_json")
OF_A_PATIENT = ("care", "notes", "notes_pdf", "notes_text", "patient_space")
OF_A_BOOKING = (
    *("booking", "booking_calendar", "booking_cancel", "booking_move"),
    "booking_consents",
)
OF_A_CLAIM = ("claim_person", "claim_contest", "fund_claim")
OF_A_SHEET = ("sheet", "sheet_pdf", "sheet_json", "gather_sheet", "send_sheet")


def _on_paper(child: Person, place: PracticePlace, fund_code: str) -> PaperSheet:
    """A paper sheet that an agent of the fund typed once."""
    act = Act(NOW.date() - 9 * DAY, Kind.EVALUATION, Modality.IN_PERSON, 5000)
    typed = Typed(
        nir=child.nir,
        birth_date=date.fromisoformat(child.birth_date),
        psychologist=place.psychologist.rpps,
        received_on=NOW.date(),
        acts=(act,),
    )
    return type_paper(actor=paying.agent(fund_code), typed=typed, at=NOW)


def _released(place: PracticePlace, claim: Claim, fund_code: str) -> Order:
    """An order of one transfer for this side's claim, which two agents of its fund made."""
    payer = f"fund:{fund_code}"
    PayerAccount.objects.create(payer=payer, name="Caisse", iban=paying.IBANS[2])
    paying.confirmed(psychologist=place.psychologist)
    parties = ledger.Parties(claim.person_id, claim.psychologist_id, fund_code)
    if not any(ledger.standing([claim.pk]).values()):
        due = ledger.moves(owed(Shares(3000, 0, 1)), parties)
        ledger.post([ledger.Transaction("decided", claim.pk, due, NOW.date(), NOW, claim.pk)])
    order = prepare_order(
        actor=paying.agent(fund_code), cut_off_on=NOW.date(), execution_on=NOW.date(), at=NOW
    )
    return release_order(actor=paying.agent(fund_code), order_id=order.public_id, at=NOW)


def side(word: str, fund_code: str) -> Side:
    """Everything of one side, made by the product's own steps where it has one."""
    child = _person(word, "2013-05-17", fund_code)
    parent = _person(word, "1980-05-17", fund_code)
    psychologist, place, opening = _practice()
    colleague, _place, _opening = _practice()
    make.guardianship(parent, child, valid_from=SINCE)
    until = NOW.date() + 30 * DAY
    standing_in = make.replacement(psychologist, colleague, valid_from=SINCE, valid_before=until)
    actor = Actor("psychologist", psychologist_id=psychologist.pk)
    signed, _other = make.consents(child, psychologist, at=NOW)
    link = make.consent_link(signed.holder, psychologist, at=NOW)
    sheet = _sheet(child, place, actor)
    claim = send_care_sheet(
        actor=actor, care_sheet_id=sheet.public_id, received_on=sheet.issued_on, at=NOW
    )
    contact = Contact(word, email=f"{word.lower()}@example.org")
    wait = join_waiting_list(
        actor=Actor("person", person_id=child.pk),
        contact=contact,
        need="heavy",
        at=NOW,
        psychologist_id=psychologist.public_id,
    )
    request = request_call_back(
        contact=contact,
        psychologist_id=psychologist.public_id,
        call_times=("evening",),
        browser=word,
        actor=ANONYMOUS,
        at=NOW,
    )
    kept = _held(psychologist, place, NOW + 5 * DAY)
    accounts = _accounts(child, parent, psychologist, colleague, fund_code)
    deposit = _deposit(word, accounts["doctor"])
    letter, writing = (
        _written(kind, word, child, psychologist, accounts["doctor"])
        for kind in (REFERRAL, ACCOMPANIMENT)
    )
    # Shown to the parent: what is not shown opens to nobody who acts (tests/steps/test_show.py).
    writings.show(writing, parent.pk, NOW)
    booked = _booked(child, place, NOW + 3 * DAY)
    town, event, draft = _town(word, fund_code)
    return Side(
        word=word,
        fund_code=fund_code,
        town=town,
        event=event,
        draft=draft,
        child=child,
        parent=parent,
        psychologist=psychologist,
        place=place,
        colleague=colleague,
        sheet=sheet,
        claim=claim,
        booked=booked,
        begun=_booked(child, place, NOW - HOUR),
        closed=Booking.objects.get(pk=sheet.lines.get().care_session.booking_id),
        held=_held(psychologist, place, NOW + 6 * DAY),
        questionnaire=measures.ask(
            child.pk,
            psychologist.pk,
            booked.pk,
            scale="gad-7",
            version="1",
            by_link=True,
            at=NOW,
            valid_before=NOW + 9 * DAY,
        ),
        # One that parents fill in: what a child answers is shown to no parent.
        outcome=measures.keep(
            child.pk,
            psychologist.pk,
            to_keep(scored(scale_named("sdq-parent"), (1,) * 25), (1,) * 25),
            filled_on=NOW.date(),
            by="psychologist",
            at=NOW,
        ),
        read=_read(child, psychologist),
        wait=wait,
        offer=Offer.objects.create(
            wait=wait, booking=kept, distance_m=None, made_at=NOW, answer_before=NOW + 8 * HOUR
        ),
        request=request,
        document=documents.keep(
            child.pk,
            kind="other",
            content_type="application/pdf",
            content=word.encode(),
            by="person",
            at=NOW,
        ),
        order=_released(place, claim, fund_code),
        typed=_on_paper(child, place, fund_code),
        check=declarations.add_check(
            child.pk, fund_code=fund_code, asked_at=NOW, outcome="differs", differences=[]
        ),
        correction=corrections.ask(
            child.pk,
            fund_code=fund_code,
            given_name=f"{word}-voulu",
            family_name=f"{word}-nom",
            birth_date=child.birth_date,
            asked_at=NOW,
            asked_by="person",
        ),
        right=periods.add(child, "exemption", kind="ald", valid_from=SINCE),
        declared=declarations.declare(
            child.pk,
            fund_code=fund_code,
            content=Right("exemption", SINCE, kind="css").told(),
            document=documents.keep(
                child.pk,
                kind="rights_statement",
                content_type="application/pdf",
                content=f"{word} droits".encode(),
                by="person",
                at=NOW,
            ).public_id,
            declared_at=NOW,
            declared_by="person",
        ),
        note=_note(psychologist, child, word),
        episode=_episode(child, word),
        standing_in=standing_in,
        entry=ConfirmationRequest.objects.create(
            psychologist=psychologist, reason="due", asked_on=NOW.date()
        ),
        signature=signed,
        link=link,
        paper=_paper(signed.holder, word),
        feed=share_calendar(actor=Actor("person", person_id=child.pk), language="fr", at=NOW),
        opening=opening,
        absence=Absence.objects.create(
            psychologist=psychologist,
            valid_from=NOW.date() + 40 * DAY,
            valid_before=NOW.date() + 44 * DAY,
        ),
        exception=make.closing(psychologist, NOW.date() + 50 * DAY),
        deposit=deposit,
        letter=letter,
        writing=writing,
        report=_report(word, child, psychologist),
        accounts=accounts,
    )


def enter(
    account: Account, acting_for: UUID | None = None, *, second_factor: bool = True
) -> Client:
    """A browser that signed in, as the sign-in page leaves it."""
    browser = Client()
    browser.force_login(account)
    session = browser.session
    if not second_factor:
        session.pop(SECOND_FACTOR_AT, None)
    if acting_for:
        session[ACTING_FOR] = str(acting_for)
    session.save()
    return browser


def browser_of(of: Side, role: str) -> Client:
    """The browser of a role of one side; ``visitor`` has just booked, without an account."""
    if role == "anonymous":
        return Client()
    if role == "visitor":
        browser = Client()
        session = browser.session
        session[VISITOR_PERSON] = of.child.pk
        session.save()
        return browser
    chosen = of.child.public_id if role == "guardian" else None
    return enter(of.accounts[role], chosen)


def insurer_of(fund_code: str) -> str:
    """The insurer of one side, as its own agents and its people's covers name it."""
    return f"9{fund_code[-8:]}"


def town_of(fund_code: str) -> str:
    """The town of one side, as its editors name it."""
    return f"00{fund_code[-3:]}"


def _person(word: str, born: str, fund_code: str) -> Person:
    who = make.person(
        at=NOW,
        with_nir=True,
        given_name=f"{word}-prénom",
        family_name=f"{word}-nom",
        birth_date=born,
        email=f"{word.lower()}.{born}@example.org",
    )
    make.affiliation(who, valid_from=SINCE, fund_code=fund_code)
    make.cover(who, valid_from=SINCE, insurer_code=insurer_of(fund_code))
    return who


def _practice() -> tuple[Psychologist, PracticePlace, OpeningRule]:
    owner = make.psychologist(
        under_agreement_from=SINCE, sees_teenagers=True, sees_children=True, phone="0465710000"
    )
    place = make.place(owner)
    openings = [
        make.opening(
            place,
            weekday,
            valid_from=SINCE,
            starts_at_minute=8 * 60,
            ends_at_minute=18 * 60,
            open_on_public_holidays=True,
        )
        for weekday in range(7)
    ]
    return owner, place, openings[0]


def _booked(who: Person, place: PracticePlace, starts_at: datetime) -> Booking:
    booking = make.booking(place, starts_at=starts_at, who=who)
    year = care.year_of(who.pk, booking.civil_day.year)
    care.take_seat(year, cap=CAP, kind=booking.kind, booking_id=booking.pk)
    return booking


def _held(psychologist: Psychologist, place: PracticePlace, starts_at: datetime) -> Booking:
    return hold_slot(
        actor=ANONYMOUS,
        psychologist_id=psychologist.pk,
        place_id=place.pk,
        starts_at=starts_at,
        kind="evaluation",
        modality="in_person",
        at=NOW,
        holder=f"browser {starts_at}",
    )


def _note(author: Psychologist, who: Person, word: str) -> Note:
    note = notes.begin(
        uuid4(),
        author_id=author.pk,
        person_id=who.pk,
        window=uuid4(),
        about_on=NOW.date(),
        at=NOW,
    )
    notes.write(note, f"{word} dort mal", kept=True, sitting=HOUR, at=NOW)
    return note


def _read(who: Person, psychologist: Psychologist) -> Outcome:
    """Another outcome, which its psychologist said to have read."""
    answers = (0,) * 25
    kept = measures.keep(
        who.pk,
        psychologist.pk,
        to_keep(scored(scale_named("sdq-parent"), answers), answers),
        filled_on=NOW.date(),
        by="psychologist",
        at=NOW,
    )
    measures.review(kept, "read", by="psychologist", at=NOW)
    return kept


def _episode(who: Person, word: str) -> Episode:
    """What was said in care, in each of its tables."""
    episode = Episode.objects.get(person=who)
    episodes.say_goals(episode, f"{word} veut dormir", by="person", at=NOW)
    CareReview.objects.create(
        episode=episode,
        kind="mid_course",
        sequence=1,
        sessions_held=1,
        change="better",
        evolution=f"{word} dort mieux",
        written_at=NOW,
    )
    return episode


def hand_over(of: Side) -> None:
    """What one side let somebody else read of its care."""
    Passed.objects.create(
        episode=of.episode,
        to_psychologist=of.colleague,
        content={"goals": f"{of.word} veut dormir"},
        said_by="person",
        agreed_at=NOW,
    )


def _sheet(who: Person, place: PracticePlace, actor: Actor) -> CareSheet:
    starts_at = NOW - 10 * DAY
    booking = make.booking(place, starts_at=starts_at, who=who, kind="evaluation")
    year = care.year_of(who.pk, booking.civil_day.year)
    care.take_seat(year, cap=CAP, kind="evaluation", booking_id=booking.pk)
    session = close_session(
        actor=actor,
        booking_id=booking.public_id,
        performed=True,
        modality="in_person",
        signatures=Signatures(person=True, psychologist=True),
        at=NOW,
    )
    return CareSheet.objects.get(lines__care_session=session)


def a_letter(word: str) -> DoctorLetter:
    """What a doctor of this side writes."""
    return DoctorLetter(
        given_name=f"{word}-prénom",
        family_name=f"{word}-nom",
        birth_date=date(2011, 5, 17),
        doctor=f"{word}-médecin",
        referrer="gp",
        number="019990001",
        reasons=f"{word} dort mal",
    )


def _deposit(word: str, doctor: Account) -> Deposit:
    left = deposit_letter(
        actor=Actor("doctor", account_id=doctor.pk),
        letter=a_letter(word),
        secret=f"page of {word}",
        lasts=30 * DAY,
        at=NOW,
    )
    return Deposit.objects.get(public_id=left.public_id)


def _written(
    kind: str, word: str, who: Person, psychologist: Psychologist, doctor: Account
) -> Writing:
    letter = a_letter(word)
    words = {"linked_to": ""} if kind == REFERRAL else letter.clinical
    return writings.begin(
        kind,
        person_id=who.pk,
        psychologist_id=psychologist.pk,
        author_id=doctor.pk,
        body=letter.heads | words,
        written_on=NOW.date(),
        valid_before=NOW.date() + 180 * DAY,
        at=NOW,
    )


def _report(word: str, who: Person, psychologist: Psychologist) -> Writing:
    """A draft of the psychologist: nobody else reads it yet."""
    names = {"given_name": word, "family_name": word, "birth_date": "2011-05-17"}
    by = {"psychologist": word, "rpps": "1", "phone": "", "address": [word]}
    words = {"observed": f"{word} dort mal", "asked": "", "recipient": ""}
    return writings.begin(
        "doctor_signal",
        person_id=who.pk,
        psychologist_id=psychologist.pk,
        body=names | by | words,
        written_on=NOW.date(),
        at=NOW,
    )


def _town(word: str, fund_code: str) -> tuple[Town, Content, Content]:
    """A portal with an event that everybody reads, and a draft that holds our word."""
    code = town_of(fund_code)
    town = settle_town(code=code, arranged=Arranged(f"Commune {code}"), at=NOW)
    editor = Actor("town_editor", town_code=code)
    event = add_content(
        actor=editor, kind="event", draft=Draft("Fête", starts_at=NOW + 9 * DAY), at=NOW
    )
    publish_content(actor=editor, content_id=event, number=1, at=NOW)
    wanted = Draft(f"À relire : {word}")
    draft = add_content(actor=editor, kind="page", draft=wanted, at=NOW)
    again = Draft(wanted.title, body="Une autre version.")
    rewrite_content(actor=editor, content_id=draft, draft=again, after=1, at=NOW)
    return (
        town,
        Content.objects.get(public_id=event),
        Content.objects.get(public_id=draft),
    )


def _paper(holder: Holder, word: str) -> Paper:
    """What a parent sent to show who they are."""
    sent = guardians.keep_paper(
        holder, content_type="application/pdf", content=word.encode(), at=NOW
    )
    assert sent is not None
    return sent


def _accounts(
    child: Person,
    parent: Person,
    psychologist: Psychologist,
    colleague: Psychologist,
    fund_code: str,
) -> dict[str, Account]:
    whose: dict[str, dict[str, Any]] = {
        "person": {"person": child},
        "guardian": {"person": parent},
        "psychologist": {"psychologist": psychologist},
        "replacement": {"psychologist": colleague},
        "fund_agent": {"fund_code": fund_code},
        "fund_supervisor": {"fund_code": fund_code},
        "insurer_agent": {"insurer_code": insurer_of(fund_code)},
        "town_editor": {"town_code": town_of(fund_code)},
        "town_author": {"town_code": town_of(fund_code)},
    }
    return {role: make.account(Role(role), **whose.get(role, {})) for role in SIGNED_IN}
