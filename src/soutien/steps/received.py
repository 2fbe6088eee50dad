"""Lines of paper sheets on their way to claims: found, decided in order, written together.

Used by whoever enters them: a file of many, an agent who keys in one. Everything is read for all
lines together and the law is asked line by line, each seeing what those before it were paid. What
comes out is what ``send_care_sheet`` would have decided one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from soutien.registers.care import queries as care
from soutien.registers.care.models import CareSession, Seat, Year
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import (
    LINES_A_SHEET,
    CareSheet,
    Claim,
    Decision,
    SheetLine,
)
from soutien.registers.claims.queries import DecisionRow
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.registers.psychologists import queries as psychologists
from soutien.registers.psychologists.models import PracticePlace
from soutien.rules.answer import Answer, answer
from soutien.rules.codes import ActCode, Kind, LinkedTo, Modality, word
from soutien.rules.dossier import ClaimedSession, Psychologist
from soutien.steps import decisions, gather
from soutien.steps.trace import announce_all

ENTERED, KNOWN = "", "already_entered"


@dataclass(frozen=True, slots=True)
class Written:
    """One line of a paper care sheet, as it is written there. ``psychologist`` is an RPPS number.

    ``sheet`` is the sheet's own number. ``finess`` tells apart the places of a psychologist who
    has several. A sheet that was issued here is told by its number as well.
    """

    sheet: str
    nir: str
    birth_date: date
    psychologist: str
    held_on: date
    kind: Kind
    modality: Modality
    price_cents: int
    received_on: date
    linked_to: LinkedTo = LinkedTo.NONE
    prescribed: bool = False
    amo_third_party: bool = False
    signed_by_person: bool = True
    signed_by_psychologist: bool = True
    finess: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a line: its claim, or a word on why there is none."""

    code: str
    reference: str = ""
    accepted: bool | None = None


@dataclass(slots=True)
class PaperLine:
    """A line being entered: whose, where, its session, and what the law answers."""

    number: int
    written: Written
    person: Person
    place: PracticePlace
    sheet_line: SheetLine | None = None
    session: CareSession | None = None
    answered: Answer | None = None
    claim: Claim | None = None
    decision: Decision | None = None

    @property
    def year(self) -> tuple[int, int]:
        return self.person.pk, self.written.held_on.year

    @property
    def issued(self) -> CareSession:
        assert self.session is not None
        return self.session

    @property
    def decided(self) -> Decision:
        assert self.decision is not None
        return self.decision

    @property
    def made(self) -> Claim:
        assert self.claim is not None
        return self.claim


@dataclass(slots=True)
class _Seats:
    """The seats of one locked year, taken in memory and written together."""

    year: Year
    numbers: set[int]
    new: list[Seat] = field(default_factory=list)

    def take(self, line: PaperLine) -> bool:
        """Take the lowest free seat for a line's session; false when the year is full."""
        decision = line.decided
        cap = None if decision.sessions_left is None else decision.terms["sessions_per_year_max"]
        number = next(n for n in range(1, len(self.numbers) + 2) if n not in self.numbers)
        if cap is not None and (number > cap or len(self.numbers) >= cap):
            return False
        self.numbers.add(number)
        self.new.append(
            Seat(
                year=self.year,
                number=number,
                cap=cap,
                kind=line.issued.kind,
                used=True,
                care_session=line.issued,
            )
        )
        return True


def enter(found: Iterable[PaperLine], told: dict[int, Entered], at: datetime) -> list[PaperLine]:
    """Lock the years of all, decide and write what is new; the rest is told why not.

    What was entered is told in ``told`` too, and announced; the journal is the step's.
    """
    lines = list(found)
    years = care.lock_years({line.year for line in lines})
    entering = not_entered_yet(lines, told)
    decide(entering, at)
    write(entering, at)
    decisions.post([line.decided for line in entering], at)
    displaced = list(seated(entering, years))
    for line in entering:
        told[line.number] = Entered(ENTERED, line.made.reference, line.decided.accepted)
    announce_all(
        "claims.claim.decided",
        at=at,
        keys=[{"claim": line.made.pk, "decision": line.decided.pk} for line in entering],
    )
    announce_all(
        "care.seat.displaced",
        at=at,
        keys=[{"booking": booking, "claim": claim.pk} for booking, claim in displaced],
    )
    return entering


def matched(
    lines: Sequence[Written], at: datetime, told: dict[int, Entered]
) -> Iterator[PaperLine]:
    """The lines whose person, psychologist and place are known; the others are told why not."""
    by_nir = people.by_nirs({line.nir for line in lines})
    places = psychologists.places_of({line.psychologist for line in lines})
    for number, line in enumerate(lines):
        somebody = by_nir.get(line.nir)
        there = [
            place
            for place in places.get(line.psychologist, ())
            if not line.finess or place.finess == line.finess
        ]
        # strictly by number and day of birth, whatever the name.
        if somebody is None or somebody.birth_date != line.birth_date.isoformat():
            told[number] = Entered("person_unknown")
        elif line.psychologist not in places:
            told[number] = Entered("psychologist_unknown")
        elif len(there) != 1:
            told[number] = Entered("place_unclear")
        elif line.received_on > gather.civil_day(at, there[0].time_zone):
            told[number] = Entered("received_ahead")
        else:
            yield PaperLine(number, line, somebody, there[0])


def not_entered_yet(lines: Sequence[PaperLine], told: dict[int, Entered]) -> list[PaperLine]:
    """The lines that are new, now that nobody else can enter one of the same people."""
    numbered = claims.lines_numbered({line.written.sheet for line in lines})
    entering: dict[tuple[str, date], PaperLine] = {}
    papers: dict[str, list[PaperLine]] = {}
    for line in lines:
        number, day = line.written.sheet, line.written.held_on
        every = numbered.get(number, [])
        sheet = next((one for one in every if one.line.care_session.held_on == day), None)
        # A sheet has a line a day.
        key = (number, day)
        twin = entering.get(key)
        if every and (sheet is None or not _the_same(sheet, line)):
            told[line.number] = Entered("sheet_differs")
        elif sheet is not None and sheet.claimed:
            told[line.number] = Entered(KNOWN, sheet.reference, sheet.accepted)
        elif twin is not None:
            same = twin.written == line.written
            told[line.number] = Entered(KNOWN if same else "sheet_differs")
        elif sheet is not None and sheet.corrected:
            told[line.number] = Entered("sheet_replaced")
        elif sheet is None and not _fits(line, papers.setdefault(number, [])):
            told[line.number] = Entered("sheet_differs")
        else:
            if sheet is not None:
                line.sheet_line, line.session = sheet.line, sheet.line.care_session
            else:
                papers[number].append(line)
            entering[key] = line
    return list(entering.values())


def _fits(line: PaperLine, others: Sequence[PaperLine]) -> bool:
    """Whether a line may stand on one paper with those before it: alike in all but the act."""
    return not others or (len(others) < LINES_A_SHEET and _heading(line) == _heading(others[0]))


def _heading(line: PaperLine) -> tuple[object, ...]:
    written = line.written
    return (
        (line.person.pk, line.place.pk, written.received_on, written.linked_to),
        (written.amo_third_party, written.signed_by_person, written.signed_by_psychologist),
    )


def _the_same(known: claims.NumberedLine, line: PaperLine) -> bool:
    """Whether a line of that sheet says the same session at the same price."""
    written, session = line.written, known.line.care_session
    between = (line.person.pk, line.place.psychologist_id)
    return (
        (session.person_id, session.psychologist_id) == between
        and (session.held_on, session.kind) == (written.held_on, word(written.kind))
        and known.line.price_cents == written.price_cents
    )


def decide(entering: Sequence[PaperLine], at: datetime) -> None:
    """Ask the law line by line; each sees what those before it were paid."""
    law, people_of = gather.law(), {line.person.pk: line.person for line in entering}
    known = gather.known_for_deciding(people_of)
    standings = psychologists.standings({line.place.psychologist_id for line in entering})
    partners: dict[int, Psychologist] = {}
    for line in entering:
        rows, where = known[line.person.pk], line.place
        if where.pk not in partners:
            partners[where.pk] = gather.partner(*standings[where.psychologist_id], where.practice)
        own = line.session.pk if line.session is not None else None
        asked = gather.dossier_of(
            rows,
            _claimed(line),
            partners[where.pk],
            gather.Reading.DECIDING,
            care_session_id=own,
        )
        line.answered = answer(asked, law)
        if line.session is None:
            line.session = _session(line, at)
            # Not written yet: a key of its own, which no row has.
            rows.sessions.append(gather.session_row(line.session, key=-1 - line.number))
        key = own if own is not None else -1 - line.number
        rows.decisions.append(_as_decided(key, line.answered, line.written.received_on, at))


def _claimed(line: PaperLine) -> ClaimedSession:
    if line.sheet_line is not None and line.session is not None:
        return decisions.claimed(line.sheet_line, line.session, line.written.received_on)
    written = line.written
    return ClaimedSession(
        held_on=written.held_on,
        kind=written.kind,
        modality=written.modality,
        psychologist=str(line.place.psychologist_id),
        price_cents=written.price_cents,
        act_code=gather.act_code(word(written.kind), word(written.modality)),
        linked_to=written.linked_to,
        third_party_requested=written.amo_third_party,
        received_on=written.received_on,
        sheet_complete=written.signed_by_person and written.signed_by_psychologist,
        prescribed=written.prescribed,
    )


def _session(line: PaperLine, at: datetime) -> CareSession:
    written = line.written
    linked = word(written.linked_to)
    return CareSession(
        person=line.person,
        psychologist_id=line.place.psychologist_id,
        place=line.place,
        held_on=written.held_on,
        kind=word(written.kind),
        modality=word(written.modality),
        price_cents=written.price_cents,
        linked_to="" if written.linked_to is LinkedTo.NONE else linked,
        prescribed=written.prescribed,
        recorded_at=at,
    )


def _as_decided(key: int, answered: Answer, received_on: date, at: datetime) -> DecisionRow:
    """What the next line of the same person must know of this one."""
    decided = answered.decision
    return DecisionRow(
        care_session_id=key,
        claim_id=0,
        claim_public_id=claims.NOBODY,
        decision_id=0,
        accepted=bool(decided.accepted),
        reasons=decided.reasons,
        coverage=decided.coverage,
        notices=decided.notices,
        price_cents=decided.price_cents,
        amo_cents=decided.amo_cents,
        amc_cents=decided.amc_cents,
        patient_cents=decided.patient_cents,
        patient_upfront_cents=decided.patient_upfront_cents,
        received_on=received_on,
        decided_at=at,
    )


def write(entering: Sequence[PaperLine], at: datetime) -> None:
    """Sessions, sheets, claims and decisions, each kind by one INSERT."""
    papers = [line for line in entering if line.sheet_line is None]
    CareSession.objects.bulk_create([line.issued for line in papers])
    sheets: dict[str, CareSheet] = {}
    places: Counter[str] = Counter()
    for line in papers:
        number = line.written.sheet
        sheet = sheets.setdefault(number, _sheet(line, at))
        sheet.issued_on = max(sheet.issued_on, line.written.held_on)
        places[number] += 1
        line.sheet_line = _sheet_line(line, sheet, places[number])
    written = [line.sheet_line for line in papers if line.sheet_line is not None]
    CareSheet.objects.bulk_create(sheets.values())
    SheetLine.objects.bulk_create(written)
    for line in entering:
        line.claim = _claim(line, at)
    Claim.objects.bulk_create([line.made for line in entering])
    for line in entering:
        assert line.answered is not None
        line.decision = decisions.row(line.made, line.answered, at)
    Decision.objects.bulk_create([line.decided for line in entering])


def _sheet(line: PaperLine, at: datetime) -> CareSheet:
    """The paper as it is written; nothing was printed here."""
    written, session = line.written, line.issued
    return CareSheet(
        number=written.sheet,
        person=line.person,
        psychologist_id=session.psychologist_id,
        issued_on=written.held_on,
        issued_at=at,
        amo_third_party=written.amo_third_party,
        signed_by_person=written.signed_by_person,
        signed_by_psychologist=written.signed_by_psychologist,
        complete=written.signed_by_person and written.signed_by_psychologist,
        printed="",
    )


def _sheet_line(line: PaperLine, sheet: CareSheet, position: int) -> SheetLine:
    session = line.issued
    act = gather.act_code(session.kind, session.modality)
    return SheetLine(
        care_sheet=sheet,
        position=position,
        care_session=session,
        act_code="" if act is ActCode.NONE else act.name,
        price_cents=line.written.price_cents,
    )


def _claim(line: PaperLine, at: datetime) -> Claim:
    written, row = line.written, line.sheet_line
    assert row is not None
    sheet = row.care_sheet
    affiliation = gather.in_force(line.person.affiliations.all(), written.held_on)
    return Claim(
        reference=f"D{written.received_on:%y}-{row.pk:06d}",
        care_sheet=sheet,
        person=line.person,
        psychologist_id=sheet.psychologist_id,
        care_session=line.issued,
        fund_code=affiliation.fund_code if affiliation else "",
        # who sends it depends on what was not paid on the spot.
        sent_by="psychologist" if sheet.amo_third_party else "person",
        received_on=written.received_on,
        received_at=at,
    )


def seated(
    entering: Sequence[PaperLine], years: dict[tuple[int, int], Year]
) -> Iterator[tuple[int, Claim]]:
    """Use or give back the seat of each; the bookings that lost theirs, and to which claim."""
    taken = care.seat_numbers({year.pk for year in years.values()})
    held = {key: _Seats(year, set(taken[year.pk])) for key, year in years.items()}
    for line in entering:
        seats = held[line.year]
        plain = line.issued.booking_id is None
        if plain and (not line.decided.accepted or seats.take(line)):
            continue
        # Rare: an appointment has the seat, or must make room. As one by one, on what is written.
        Seat.objects.bulk_create(seats.new)
        displaced = decisions.settle_the_seat(seats.year, line.issued, line.decided)
        if displaced is not None:
            yield displaced, line.made
        held[line.year] = _Seats(
            seats.year, set(care.seat_numbers({seats.year.pk})[seats.year.pk])
        )
    Seat.objects.bulk_create([seat for seats in held.values() for seat in seats.new])
