"""A made-up practice on one day: what every working screen is tried with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpResponse
from tests import factories as make

from soutien.registers.accounts.models import Account, Role
from soutien.registers.agenda.models import Booking
from soutien.registers.care import queries as care
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import CareSheet, Claim, PaperSheet
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import PracticePlace, Psychologist
from soutien.registers.rights.models import Check
from soutien.rules.codes import Kind, Modality
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.claim import send_care_sheet
from soutien.steps.entitled import Right
from soutien.steps.meet import Signatures, close_session
from soutien.steps.transcribe import type_paper
from soutien.steps.transcribed import Act, Typed
from soutien.steps.verified import Said
from soutien.steps.verify import keep_check

ZONE = ZoneInfo("Europe/Paris")
LONG_AGO = date(2022, 4, 5)
CAP = 12


@dataclass
class Practice:
    """A psychologist with an account, a place, and a fund's agent beside."""

    now: datetime
    psychologist: Psychologist
    place: PracticePlace
    account: Account
    agent: Account

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()

    def patient(self, *, known: bool = True, **fields: object) -> Person:
        """Somebody whose number and rights are known, or not yet."""
        who = make.person(at=self.now, with_nir=known, **fields)
        if known:
            make.affiliation(who, valid_from=LONG_AGO)
            make.cover(who, valid_from=LONG_AGO)
        return who

    def booking(
        self, who: Person, *, begins_in_h: float, kind: str = "evaluation", **fields: object
    ) -> Booking:
        """A confirmed appointment with its seat, so many hours from now."""
        starts_at = self.now + timedelta(hours=begins_in_h)
        booked = make.booking(
            self.place,
            starts_at=starts_at,
            who=who,
            civil_day=starts_at.astimezone(ZONE).date(),
            kind=kind,
            **fields,
        )
        year = care.year_of(who.pk, booked.civil_day.year)
        care.take_seat(year, cap=CAP, kind=kind, booking_id=booked.pk)
        return booked

    def was_evaluated(self, who: Person) -> None:
        """An evaluation of this year, paid long enough ago to be followed."""
        session = make.care_session(
            who,
            self.place,
            held_on=self.today - timedelta(days=20),
            kind="evaluation",
        )
        sheet = make.care_sheet(session, act_code="EEP")
        make.decision(make.claim(sheet, received_on=session.held_on))
        year = care.year_of(who.pk, session.held_on.year)
        care.take_seat(year, cap=CAP, kind="evaluation", care_session_id=session.pk, used=True)

    @property
    def last_begun(self) -> Booking:
        """The confirmed appointment that began last."""
        return self._confirmed().filter(starts_at__lte=self.now).latest("starts_at")

    @property
    def next_booked(self) -> Booking:
        """The confirmed appointment that comes first."""
        return self._confirmed().filter(starts_at__gt=self.now).earliest("starts_at")

    def _confirmed(self) -> QuerySet[Booking]:
        return Booking.objects.filter(psychologist=self.psychologist, status="confirmed")

    @property
    def actor(self) -> Actor:
        """The psychologist, as the steps know them."""
        return Actor("psychologist", self.account.pk, psychologist_id=self.psychologist.pk)

    def sheet(self, who: Person, *, begins_in_h: float = -1, **fields: object) -> CareSheet:
        """The sheet of an evaluation that took place an hour ago."""
        booked = self.booking(who, begins_in_h=begins_in_h, **fields)
        session = close_session(
            actor=self.actor,
            booking_id=booked.public_id,
            performed=True,
            modality="in_person",
            signatures=Signatures(person=True, psychologist=True),
            at=self.now,
        )
        issued = claims.sheet_of_session(session.pk)
        assert issued is not None
        return issued

    def two_to_gather(
        self, who: Person, *, begins_in_h: float = -1
    ) -> tuple[CareSheet, dict[str, object]]:
        """A sheet beside another that was not sent, and the form that puts them on one."""
        day = self.today - timedelta(days=20)
        first = make.care_session(who, self.place, held_on=day, kind="evaluation")
        make.care_sheet(first, act_code="EEP", amo_third_party=True)
        sheet = self.sheet(who, kind="follow_up", begins_in_h=begins_in_h)
        sessions = [first, sheet.lines.get().care_session]
        return sheet, {
            "session": [str(session.public_id) for session in sessions],
            "signed_by_person": "on",
            "signed_by_psychologist": "on",
        }

    def paper(self, who: Person, price_cents: int = 5000) -> PaperSheet:
        """A paper sheet of an evaluation of three days ago, typed once by the fund's agent."""
        act = Act(self.today - timedelta(days=3), Kind.EVALUATION, Modality.IN_PERSON, price_cents)
        typed = Typed(
            nir=who.nir,
            birth_date=date.fromisoformat(who.birth_date),
            psychologist=self.psychologist.rpps,
            received_on=self.today,
            acts=(act,),
        )
        agent = Actor("fund_agent", self.agent.pk, fund_code=self.agent.fund_code)
        return type_paper(actor=agent, typed=typed, at=self.now)

    def paper_form(self, who: Person, price: str = "50", **fields: str) -> dict[str, str]:
        """The same sheet as an agent types it."""
        day = self.today - timedelta(days=3)
        return {
            "nir": who.nir,
            "birth_date": who.birth_date,
            "psychologist": self.psychologist.rpps,
            "received_on": self.today.isoformat(),
            "linked_to": "none",
            "signed_by_person": "on",
            "signed_by_psychologist": "on",
            "day_1": day.isoformat(),
            "code_1": "EEP",
            "amount_1": price,
        } | fields

    def check(self, who: Person) -> Check:
        """An answer of the service of rights: the CSS, which is not written here."""
        css = Right("exemption", date(self.today.year, 1, 1), kind="css")
        written = [
            Right("scheme", row.valid_from, regime=row.regime, fund_code=row.fund_code)
            for row in who.affiliations.all()
        ]
        kept = keep_check(
            actor=SYSTEM,
            person_id=who.pk,
            said=Said(True, (*written, css)),
            on=self.today,
            at=self.now,
        )
        assert kept is not None
        return kept

    def claim(self, sheet: CareSheet) -> Claim:
        """The sheet sent to the fund by the psychologist on the day of the session."""
        return send_care_sheet(
            actor=self.actor,
            care_sheet_id=sheet.public_id,
            received_on=sheet.issued_on,
            at=self.now,
        )


def words_of(answer: HttpResponse) -> str:
    """What a page says in its main part, without its menu, and without the request's name."""
    text = answer.content.decode().replace(answer["X-Request-ID"], "")
    return text[text.index("<main") : text.index("</main>")]


def practice(now: datetime) -> Practice:
    """An open practice, under agreement since the programme started."""
    owner = make.psychologist(under_agreement_from=LONG_AGO)
    where = make.place(owner)
    return Practice(
        now=now,
        psychologist=owner,
        place=where,
        account=make.account(Role.PSYCHOLOGIST, psychologist=owner),
        agent=make.account(Role.FUND_AGENT, fund_code=make.FUND),
    )
