"""Some people's sessions decided again, one by one in plain Python, beside a file of decisions."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from zlib import crc32

import pyarrow as pa
import pyarrow.compute as pc

from soutien.batch.columns import NAMES, TO_DECIDE
from soutien.batch.reading import Reader
from soutien.batch.writing import PLAIN, one_word, outcome, read_decisions, some_words
from soutien.rules.answer import answer
from soutien.rules.calendar import NEVER, NO_DAY
from soutien.rules.codes import (
    ActCode,
    Coverage,
    ExemptionKind,
    Kind,
    LinkedTo,
    Modality,
    Notice,
    Practice,
    Profile,
    Programme,
    PsychiatricKind,
    Reason,
    Referrer,
    Regime,
    Status,
    ThirdParty,
)
from soutien.rules.decide import NO_CAP, Decision
from soutien.rules.dossier import (
    Agreement,
    ClaimedSession,
    Dossier,
    Exemption,
    PastSession,
    Person,
    PsychiatricSituation,
    Psychologist,
    Referral,
    Suspension,
)
from soutien.rules.terms import Law

Row = dict[str, Any]


@dataclass
class Agreed:
    """How many were decided again, and each difference: row, column, written, decided."""

    people: int = 0
    sessions: int = 0
    differences: list[tuple[int, str, object, object]] = field(default_factory=list)


def _drawn(target: Path, people: int, seed: int) -> list[str]:
    """People drawn at random from a file of decisions: the same for the same seed."""
    keys: dict[str, int] = {}
    for table in read_decisions(target):
        for name in pc.unique(table.column("person")).to_pylist():
            if name not in keys:
                keys[name] = crc32(name.encode(), seed)
        if len(keys) > 2 * people:
            keys = {name: keys[name] for name in heapq.nsmallest(people, keys, keys.__getitem__)}
    return heapq.nsmallest(people, keys, keys.__getitem__)


def _of(tables: Iterable[pa.Table], people: pa.Array) -> Iterator[Row]:
    for table in tables:
        names = table.column("person").cast(pa.string())
        yield from table.filter(pc.is_in(names, people)).to_pylist()


def _day(number: int) -> date | None:
    return None if number in (NO_DAY, NEVER) else date.fromordinal(number)


def _threes(numbers: list[int]) -> Iterator[tuple[int, int, int]]:
    return zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)


def _past(row: Row) -> PastSession:
    return PastSession(
        held_on=date.fromordinal(row["held_on"]),
        kind=Kind(row["kind"]),
        psychologist=row["psychologist"],
        status=Status(row["status"]),
        programme=Programme(row["programme"]),
    )


def _asked(row: Row, history: list[PastSession], profile: Profile) -> Dossier:
    """A row to decide as the law is asked one by one: with civil days and words."""
    letter = _day(row["referral_day"])
    return Dossier(
        person=Person(
            birth_date=date.fromordinal(row["birth_date"]),
            regime=Regime(row["regime"]),
            amc=bool(row["amc"]),
            exemptions=tuple(
                Exemption(ExemptionKind(kind), date.fromordinal(first), _day(last))
                for kind, first, last in _threes(row["exemptions"])
            ),
            psychiatric=tuple(
                PsychiatricSituation(PsychiatricKind(kind), date.fromordinal(first), _day(last))
                for kind, first, last in _threes(row["psychiatric"])
            ),
        ),
        psychologists={
            row["psychologist"]: Psychologist(
                agreements=tuple(
                    Agreement(date.fromordinal(first), _day(last), _day(resigned))
                    for first, last, resigned in _threes(row["agreements"])
                ),
                suspensions=tuple(
                    Suspension(date.fromordinal(first), _day(last))
                    for _, first, last in _threes(row["suspensions"])
                ),
                practice=Practice(row["practice"]),
            )
        },
        referral=None if letter is None else Referral(letter, Referrer(row["referrer"])),
        history=tuple(history),
        profile=profile,
        claim=ClaimedSession(
            held_on=date.fromordinal(row["held_on"]),
            kind=Kind(row["kind"]),
            modality=Modality(row["modality"]),
            psychologist=row["psychologist"],
            price_cents=row["price_cents"],
            act_code=ActCode(row["act_code"]),
            linked_to=LinkedTo(row["linked_to"]),
            third_party_requested=bool(row["third_party_requested"]),
            received_on=_day(row["received_on"]),
            performed=bool(row["performed"]),
            sheet_complete=bool(row["sheet_complete"]),
            prescribed=bool(row["prescribed"]),
        ),
    )


def decided_one_by_one(rows: list[Row], profile: Profile, law: Law) -> dict[int, Row]:
    """One person's sessions in order, each seeing what those before it were paid."""
    history = [_past(row) for row in rows if row["status"] != TO_DECIDE]
    told = {}
    for row in rows:
        if row["status"] == TO_DECIDE:
            dossier = _asked(row, history, profile)
            decision = answer(dossier, law).decision
            told[row["row"]] = _told(row, decision)
            if decision.accepted:
                paid = replace(row_as_paid(dossier.claim), status=Status.PAID)
                history = [*history, paid]
    return told


def row_as_paid(claim: ClaimedSession) -> PastSession:
    """An accepted session as those after it see it."""
    return PastSession(claim.held_on, claim.kind, claim.psychologist)


def _told(row: Row, decision: Decision) -> Row:
    """A decision as its row of the file says it."""
    return {
        **decision._asdict(),
        "row": row["row"],
        "person": row["person"],
        "held_on": date.fromordinal(row["held_on"]),
        "outcome": outcome(decision.accepted),
        "reasons": some_words(Reason)(decision.reasons),
        "coverage": one_word(Coverage)(decision.coverage),
        "third_party": one_word(ThirdParty)(decision.third_party),
        "sessions_left": None if decision.sessions_left == NO_CAP else decision.sessions_left,
        "notices": some_words(Notice)(decision.notices),
    }


def agree(
    reader: Reader, target: Path, *, people: int, seed: int, profile: Profile, law: Law
) -> Agreed:
    """Decides the sessions of some people again and compares every column of every row."""
    drawn = pa.array(_drawn(target, people, seed), pa.string())
    written = {row["row"]: row for row in _of(read_decisions(target), drawn)}
    asked: dict[str, list[Row]] = defaultdict(list)
    tables = (piece.table for piece in reader.pieces() if piece is not None)
    for row in _of(tables, drawn):
        row.update({name: row[name].decode() for name in NAMES})
        asked[row["person"]].append(row)
    found = Agreed(people=len(drawn))
    for rows in asked.values():
        for number, told in decided_one_by_one(rows, profile, law).items():
            found.sessions += 1
            there = written.pop(number, None)
            if there is None:
                found.differences.append((number, "row", "missing", "decided"))
                continue
            found.differences += [
                (number, name, there[name], told[name])
                for name in PLAIN.names
                if there[name] != told[name]
            ]
    found.differences += [(number, "row", "decided", "nowhere read") for number in written]
    return found
