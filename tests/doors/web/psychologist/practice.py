"""A made-up practice on one day: what every working screen is tried with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests import factories as make

from soutien.registers.accounts.models import Account, Role
from soutien.registers.agenda.models import Booking
from soutien.registers.care import queries as care
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import PracticePlace, Psychologist

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
