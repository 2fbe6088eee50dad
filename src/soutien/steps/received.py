"""Lines of paper sheets on their way to claims: found, decided in order, written together.

Used by whoever enters them: a file of many, an agent who keys in one. Everything is read for all
lines together and the law is asked line by line, each seeing what those before it were paid. What
comes out is what ``send_care_sheet`` would have decided one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from soutien.bulk import numbers
from soutien.registers.care import queries as care
from soutien.registers.care.entering import SEATS, SESSIONS, NewSeat, NewSession
from soutien.registers.care.models import CareSession, Year
from soutien.registers.care.queries import HeldRow
from soutien.registers.claims import queries as claims
from soutien.registers.claims.entering import (
    CLAIMS,
    DECISIONS,
    LINES,
    SHEETS,
    NewClaim,
    NewLine,
    NewSheet,
)
from soutien.registers.claims.models import (
    LINES_A_SHEET,
    CareSheet,
    Claim,
    Decision,
    SheetLine,
)
from soutien.registers.people.entitled import Entitled, entitled_by_nirs
from soutien.registers.psychologists import queries as psychologists
from soutien.registers.psychologists.models import PracticePlace
from soutien.rules.answer import Answer, answer
from soutien.rules.codes import ActCode, Kind, LinkedTo, Modality, word
from soutien.rules.decide import NO_CAP
from soutien.rules.dossier import ClaimedSession, Psychologist
from soutien.rules.owed import Shares
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
    """A line being entered: whose, where, its session, what the law answers, what was written.

    ``sheet_line`` is that of a sheet issued here; a line on paper has none.
    """

    number: int
    written: Written
    person: Entitled
    place: PracticePlace
    sheet_line: SheetLine | None = None
    answered: Answer | None = None
    session_id: int = 0
    sheet_id: int = 0
    claim_id: int = 0
    decision_id: int = 0
    reference: str = ""

    @property
    def year(self) -> tuple[int, int]:
        return self.person.pk, self.written.held_on.year

    @property
    def answer(self) -> Answer:
        assert self.answered is not None
        return self.answered

    @property
    def accepted(self) -> bool:
        return bool(self.answer.decision.accepted)

    @property
    def booked(self) -> bool:
        """Whether an appointment may hold a seat for its session."""
        return self.sheet_line is not None and self.sheet_line.care_session.booking_id is not None


@dataclass(slots=True)
class _Seats:
    """The seats of one locked year, taken in memory and written together."""

    year: Year
    numbers: set[int]
    new: list[NewSeat] = field(default_factory=list)

    def take(self, line: PaperLine) -> bool:
        """Take the lowest free seat for a line's session; false when the year is full."""
        answered = line.answer
        uncapped = answered.decision.sessions_left == NO_CAP
        cap = None if uncapped else answered.terms.sessions_per_year_max
        number = next(n for n in range(1, len(self.numbers) + 2) if n not in self.numbers)
        if cap is not None and (number > cap or len(self.numbers) >= cap):
            return False
        self.numbers.add(number)
        kind = word(line.written.kind)
        self.new.append(NewSeat(self.year.pk, number, cap, kind, True, line.session_id))
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
    decisions.post_accepted([_owed(line) for line in entering if line.accepted], at)
    displaced = list(seated(entering, years))
    for line in entering:
        told[line.number] = Entered(ENTERED, line.reference, line.accepted)
    announce_all(
        "claims.claim.decided",
        at=at,
        keys=[{"claim": line.claim_id, "decision": line.decision_id} for line in entering],
    )
    announce_all(
        "care.seat.displaced",
        at=at,
        keys=[{"booking": booking, "claim": claim_id} for booking, claim_id in displaced],
    )
    return entering


def matched(
    lines: Sequence[Written], at: datetime, told: dict[int, Entered]
) -> Iterator[PaperLine]:
    """The lines whose person, psychologist and place are known; the others are told why not."""
    by_nir = entitled_by_nirs({line.nir for line in lines})
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
                line.sheet_line = sheet.line
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
        own = line.sheet_line.care_session_id if line.sheet_line is not None else None
        asked = gather.deciding_dossier(rows, _claimed(line), partners[where.pk], own)
        line.answered = answer(asked, law)
        # One on paper is not written yet: a key of its own, which no row has.
        key = own if own is not None else -1 - line.number
        if own is None:
            rows.sessions.append(_held(line, key))
        rows.decided[key] = bool(line.answered.decision.accepted)


def _claimed(line: PaperLine) -> ClaimedSession:
    written, issued = line.written, line.sheet_line
    if issued is not None:
        return decisions.claimed(issued, issued.care_session, written.received_on)
    return ClaimedSession(
        held_on=written.held_on,
        kind=written.kind,
        modality=written.modality,
        psychologist=str(line.place.psychologist_id),
        price_cents=written.price_cents,
        act_code=gather.act_code_of(written.kind, written.modality),
        linked_to=written.linked_to,
        third_party_requested=written.amo_third_party,
        received_on=written.received_on,
        sheet_complete=written.signed_by_person and written.signed_by_psychologist,
        prescribed=written.prescribed,
    )


def _held(line: PaperLine, key: int) -> HeldRow:
    """The session of a line on paper, for the next line of the same person."""
    written, psychologist_id = line.written, line.place.psychologist_id
    return HeldRow(key, psychologist_id, written.held_on, word(written.kind), True, None)


def _linked_to(written: Written) -> str:
    return "" if written.linked_to is LinkedTo.NONE else word(written.linked_to)


def write(entering: Sequence[PaperLine], at: datetime) -> None:
    """Sessions, sheets, claims and decisions, each kind at once."""
    papers = [line for line in entering if line.sheet_line is None]
    _write_papers(papers, at)
    for line in entering:
        issued = line.sheet_line
        if issued is not None:
            line.session_id, line.sheet_id = issued.care_session_id, issued.care_sheet_id
            line.reference = _reference(line, issued.pk)
    claim_ids = numbers(Claim, len(entering))
    decision_ids = numbers(Decision, len(entering))
    for line, claim_id, decision_id in zip(entering, claim_ids, decision_ids, strict=True):
        line.claim_id, line.decision_id = claim_id, decision_id
    CLAIMS.write([_claim(line, at) for line in entering])
    DECISIONS.write(
        [decisions.new_row(line.decision_id, line.claim_id, line.answer, at) for line in entering]
    )


def _write_papers(papers: Sequence[PaperLine], at: datetime) -> None:
    """Sessions and sheets of the lines on paper, which are numbered here."""
    on_sheets: dict[str, list[PaperLine]] = {}
    for line in papers:
        on_sheets.setdefault(line.written.sheet, []).append(line)
    for line, key in zip(papers, numbers(CareSession, len(papers)), strict=True):
        line.session_id = key
    rows = []
    free = iter(numbers(SheetLine, len(papers)))
    for key, lines in zip(numbers(CareSheet, len(on_sheets)), on_sheets.values(), strict=True):
        for position, line in enumerate(lines, 1):
            row = next(free)
            line.sheet_id, line.reference = key, _reference(line, row)
            written = line.written
            act = gather.act_code_of(written.kind, written.modality)
            code = "" if act is ActCode.NONE else act.name
            rows.append(NewLine(row, key, position, line.session_id, code, written.price_cents))
    SESSIONS.write([_session(line, at) for line in papers])
    SHEETS.write([_sheet(lines, at) for lines in on_sheets.values()])
    LINES.write(rows)


def _reference(line: PaperLine, row: int) -> str:
    return f"D{line.written.received_on:%y}-{row:06d}"


def _session(line: PaperLine, at: datetime) -> NewSession:
    written = line.written
    return NewSession(
        id=line.session_id,
        person_id=line.person.pk,
        psychologist_id=line.place.psychologist_id,
        place_id=line.place.pk,
        held_on=written.held_on,
        kind=word(written.kind),
        modality=word(written.modality),
        price_cents=written.price_cents,
        linked_to=_linked_to(written),
        prescribed=written.prescribed,
        recorded_at=at,
    )


def _sheet(lines: Sequence[PaperLine], at: datetime) -> NewSheet:
    """The paper of these lines as it is written."""
    first = lines[0]
    written = first.written
    return NewSheet(
        id=first.sheet_id,
        number=written.sheet,
        person_id=first.person.pk,
        psychologist_id=first.place.psychologist_id,
        issued_on=max(line.written.held_on for line in lines),
        issued_at=at,
        amo_third_party=written.amo_third_party,
        signed_by_person=written.signed_by_person,
        signed_by_psychologist=written.signed_by_psychologist,
        complete=written.signed_by_person and written.signed_by_psychologist,
    )


def _claim(line: PaperLine, at: datetime) -> NewClaim:
    written, issued = line.written, line.sheet_line
    sheet = written if issued is None else issued.care_sheet
    return NewClaim(
        id=line.claim_id,
        reference=line.reference,
        care_sheet_id=line.sheet_id,
        person_id=line.person.pk,
        psychologist_id=line.place.psychologist_id,
        care_session_id=line.session_id,
        fund_code=_fund_code(line),
        # who sends it depends on what was not paid on the spot.
        sent_by="psychologist" if sheet.amo_third_party else "person",
        received_on=written.received_on,
        received_at=at,
    )


def _fund_code(line: PaperLine) -> str:
    affiliation = gather.in_force(line.person.rights.affiliations, line.written.held_on)
    return affiliation.fund_code if affiliation else ""


def _owed(line: PaperLine) -> decisions.Accepted:
    decided, issued = line.answer.decision, line.sheet_line
    cover = gather.in_force(line.person.rights.covers, line.written.held_on)
    return decisions.Accepted(
        line.decision_id,
        line.claim_id,
        line.person.pk,
        line.place.psychologist_id,
        _fund_code(line),
        cover.insurer_code if cover else "",
        Shares(
            decided.amo_cents,
            decided.amc_cents,
            decided.third_party,
            issued is not None and issued.care_sheet.amc_third_party,
        ),
    )


def seated(
    entering: Sequence[PaperLine], years: dict[tuple[int, int], Year]
) -> Iterator[tuple[int, int]]:
    """Use or give back the seat of each; the bookings that lost theirs, and to which claim."""
    taken = care.seat_numbers({year.pk for year in years.values()})
    held = {key: _Seats(year, set(taken[year.pk])) for key, year in years.items()}
    for line in entering:
        seats = held[line.year]
        if not line.booked and (not line.accepted or seats.take(line)):
            continue
        # Rare: an appointment has the seat, or must make room. As one by one, on what is written.
        SEATS.write(seats.new)
        displaced = decisions.settle_the_seat(
            seats.year,
            CareSession.objects.get(pk=line.session_id),
            Decision.objects.get(pk=line.decision_id),
        )
        if displaced is not None:
            yield displaced, line.claim_id
        held[line.year] = _Seats(
            seats.year, set(care.seat_numbers({seats.year.pk})[seats.year.pk])
        )
    SEATS.write([seat for seats in held.values() for seat in seats.new])
