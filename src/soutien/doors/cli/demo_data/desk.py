"""What waits on the fund's desk: papers half typed or sent back, a right that came late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from soutien.doors.cli.demo_data.accounts import FUND_AGENT
from soutien.doors.cli.demo_data.people import Individual
from soutien.registers.accounts.models import Account
from soutien.registers.care.models import CareSession
from soutien.registers.people import queries as people
from soutien.registers.people.models import Exemption, Person
from soutien.registers.psychologists.models import PracticePlace, Psychologist
from soutien.rules.codes import Kind, Modality, word
from soutien.steps import gather
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.entitled import Right
from soutien.steps.transcribe import decide_paper, return_paper, type_amounts, type_paper
from soutien.steps.transcribed import Act, Typed
from soutien.steps.verified import Said, in_force
from soutien.steps.verify import keep_check

ZONE = ZoneInfo("Europe/Paris")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LATELY = 60 * DAY
# How many cents too few the sheet that went back says.
TOO_FEW = 500


def store_desk(everybody: Sequence[Individual], psychologist: Psychologist, at: datetime) -> None:
    """A paper of two sessions typed once, one decided, one sent back, and a CSS that came late.

    As an agent does it, the day before.
    """
    account = Account.objects.get_by_natural_key(FUND_AGENT.email)
    agent = Actor("fund_agent", account.pk, fund_code=account.fund_code)
    when = at - DAY
    known = _known(everybody, account.fund_code, when)
    place = psychologist.places.filter(closed_on=None).order_by("pk").first()
    twice, wrong, late = (next(known, None) for _one in range(3))
    # A very small demo has nobody else of this fund.
    if place is None or twice is None or wrong is None or late is None:
        return
    type_paper(actor=agent, typed=_paper(twice, place, when, 2), at=when)
    typed = _paper(wrong, place, when, 1, too_few=TOO_FEW)
    paper = type_paper(actor=agent, typed=typed, at=when)
    type_amounts(actor=agent, paper_id=paper.public_id, amounts=typed.amounts, at=when)
    return_paper(actor=agent, paper_id=paper.public_id, at=when + HOUR)
    day = when.astimezone(ZONE).date()
    # Two lines of one sheet, of somebody whom nobody saw lately.
    new = next((who for who in known if not _seen_lately(who, when)), None)
    if new is not None:
        typed = _paper(new, place, when, 2)
        paper = type_paper(actor=agent, typed=typed, at=when)
        type_amounts(actor=agent, paper_id=paper.public_id, amounts=typed.amounts, at=when)
        decide_paper(actor=agent, paper_id=paper.public_id, at=when + HOUR)
    css = Right("exemption", date(day.year, 1, 1), kind="css")
    said = (*in_force(people.with_rights(late.pk), day), css)
    keep_check(actor=SYSTEM, person_id=late.pk, said=Said(True, said), on=day, at=when)


def _known(everybody: Sequence[Individual], fund_code: str, at: datetime) -> Iterator[Person]:
    """Adults with a number whom the fund insures, and who have no ground of full coverage."""
    day = at.astimezone(ZONE).date()
    for one in everybody:
        person = one.person
        scheme = one.affiliation_on(day)
        insured = scheme is not None and scheme.fund_code == fund_code
        if not insured or not person.nir or one.exemptions or one.minor_on(day):
            continue
        # Nor one that came late.
        if not Exemption.objects.filter(person=person).exists():
            yield person


def _seen_lately(who: Person, at: datetime) -> bool:
    since = at.astimezone(ZONE).date() - LATELY
    return CareSession.objects.filter(person=who, held_on__gte=since).exists()


def _paper(
    who: Person, place: PracticePlace, at: datetime, sessions: int, *, too_few: int = 0
) -> Typed:
    """A sheet of an evaluation and follow-ups, a week apart, the last one a week before."""
    day = at.astimezone(ZONE).date()
    kinds = (Kind.EVALUATION, *[Kind.FOLLOW_UP] * (sessions - 1))
    days = [day - (sessions - number) * 7 * DAY for number in range(sessions)]
    return Typed(
        nir=who.nir,
        birth_date=date.fromisoformat(who.birth_date),
        psychologist=place.psychologist.rpps,
        finess=place.finess,
        received_on=day,
        acts=tuple(
            Act(
                held_on,
                kind,
                Modality.IN_PERSON,
                gather.price_cents(word(kind), gather.terms_on(held_on)) - too_few,
            )
            for held_on, kind in zip(days, kinds, strict=True)
        ),
    )
