"""The loop over people: each one's sessions in order, each seeing what those before were paid.

``decide_people`` is plain Python that only ever runs compiled: it calls the functions of
``rules/`` and adds nothing to the law.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from soutien.batch.columns import COLUMNS, LISTS, TO_DECIDE
from soutien.batch.compiled import compiled_on_rules
from soutien.rules.calendar import NO_DAY, add_months, add_years
from soutien.rules.codes import Practice, Profile, Programme, Referrer, Regime, Status
from soutien.rules.decide import Decision, decide
from soutien.rules.facts import EarlierSession, SessionFacts, claim_barred_from, referrer_allowed
from soutien.rules.rights import (
    AgreementSpan,
    Span,
    barred,
    css_over,
    open_exemptions,
    suspended,
    under_agreement,
)
from soutien.rules.terms import Law, Terms
from soutien.rules.year import past_of

PAID = int(Status.PAID)
WAITING = TO_DECIDE
NO_SCHEME, LOCAL = int(Regime.NONE), int(Regime.REGIME_LOCAL_ALSACE_MOSELLE)
HEALTH_CENTRE = int(Practice.CDS)
IN_PROGRAMME, STUDENTS = int(Programme.MON_SOUTIEN_PSY), int(Programme.SANTE_PSY_ETUDIANT)
NOBODY = int(Referrer.NONE)


class Rows(NamedTuple):
    """The columns of sessions grouped by person; a list column has a table and its bounds."""

    held_on: Any
    kind: Any
    status: Any
    programme: Any
    birth_date: Any
    regime: Any
    price_cents: Any
    modality: Any
    act_code: Any
    received_on: Any
    linked_to: Any
    third_party_requested: Any
    prescribed: Any
    performed: Any
    sheet_complete: Any
    amc: Any
    practice: Any
    referrer: Any
    referral_day: Any
    exemptions: Any
    psychiatric: Any
    agreements: Any
    suspensions: Any
    exemptions_from: Any
    psychiatric_from: Any
    agreements_from: Any
    suspensions_from: Any
    psychologist: Any


def facts_of(rows: Rows, row: int, terms: Terms) -> SessionFacts:
    """The session of a row as facts of its day."""
    day = rows.held_on[row]
    born_on = rows.birth_date[row]
    adult_on = add_years(born_on, terms.majority_age_years)
    regime, author = rows.regime[row], rows.referrer[row]
    written_on = rows.referral_day[row]
    begin, end = rows.exemptions_from[row], rows.exemptions_from[row + 1]
    exemptions = rows.exemptions[begin:end]
    situations = rows.psychiatric[rows.psychiatric_from[row] : rows.psychiatric_from[row + 1]]
    agreements = rows.agreements[rows.agreements_from[row] : rows.agreements_from[row + 1]]
    suspensions = rows.suspensions[rows.suspensions_from[row] : rows.suspensions_from[row + 1]]
    letter = author != NOBODY
    last_day = add_months(written_on, terms.referral_months_max) if letter else NO_DAY
    return SessionFacts(
        day,
        rows.kind[row],
        rows.modality[row],
        rows.act_code[row],
        rows.price_cents[row],
        rows.performed[row],
        rows.sheet_complete[row],
        rows.received_on[row],
        rows.linked_to[row],
        rows.third_party_requested[row],
        rows.prescribed[row],
        add_years(born_on, terms.age_years_min),
        adult_on,
        1 if regime != NO_SCHEME else 0,
        1 if regime == LOCAL else 0,
        open_exemptions(day, exemptions),
        css_over(day, exemptions, terms),
        rows.amc[row],
        barred(day, 1 if day >= adult_on else 0, situations, terms),
        under_agreement(day, agreements, terms),
        suspended(day, suspensions),
        1 if rows.practice[row] == HEALTH_CENTRE else 0,
        author,
        referrer_allowed(author, written_on, terms) if letter else 0,
        written_on,
        last_day,
        claim_barred_from(day, terms),
    )


def decide_people(
    rows: Rows,
    people: Any,
    first: int,
    last: int,
    starts: Any,
    law: Any,
    seen: Any,
    seen_by: Any,
    out: Any,
) -> None:
    """Decides the sessions of the people ``first`` to ``last``, in the order of their rows."""
    for person in range(first, last):
        begin, end = people[person], people[person + 1]
        known = 0
        for row in range(begin, end):
            if rows.status[row] == PAID:
                seen[known].day = rows.held_on[row]
                seen[known].evaluation = rows.kind[row]
                seen[known].in_programme = 1 if rows.programme[row] == IN_PROGRAMME else 0
                seen[known].other_programme = 1 if rows.programme[row] == STUDENTS else 0
                seen_by[known] = rows.psychologist[row]
                known += 1
        for row in range(begin, end):
            if rows.status[row] != WAITING:
                continue
            for place in range(known):
                seen[place].same_psychologist = (
                    1 if seen_by[place] == rows.psychologist[row] else 0
                )
            period = 0
            for place in range(1, len(starts)):
                period = place if starts[place] <= rows.held_on[row] else period
            terms = law[period]
            session = facts_of(rows, row, terms)
            past = past_of(session.day, session.evaluation, seen[:known])
            decision = decide(session, past, terms)
            for place, value in enumerate(decision):
                out[row, place] = value
            if decision.accepted:
                seen[known].day = session.day
                seen[known].evaluation = session.evaluation
                seen[known].in_programme = 1
                seen[known].other_programme = 0
                seen_by[known] = rows.psychologist[row]
                known += 1


@cache
def compiled_loop() -> Any:
    """``decide_people``, compiled with the facts of a row and the rules."""
    scope = decide_people.__globals__
    plain = scope["facts_of"]
    try:
        scope["facts_of"] = compiled_on_rules(plain)
        return compiled_on_rules(decide_people)
    finally:
        scope["facts_of"] = plain


def record(kind: Any) -> np.dtype[Any]:
    """A row of whole numbers with the names of a named tuple."""
    return np.dtype([(name, np.int64) for name in kind._fields])


class CompiledLaw(NamedTuple):
    """The periods of a law as a table of numbers, for one profile."""

    starts: Any
    terms: Any


def compiled_law(law: Law, profile: Profile) -> CompiledLaw:
    """Each period's first day and its terms."""
    periods = law.periods(profile)
    return CompiledLaw(
        np.array([start.toordinal() for start, _ in periods], np.int64),
        np.array([tuple(terms) for _, terms in periods], record(Terms)),
    )


class Grouped(NamedTuple):
    """Sessions grouped by person, and where each person's begin."""

    table: pa.Table
    rows: Rows
    people: Any


def grouped(table: pa.Table) -> Grouped:
    """The same sessions, each person's together and in the order of the file."""
    table = table.combine_chunks()
    codes = _coded(table.column("person"))
    if len(codes) and (np.diff(codes) < 0).any():
        order = np.argsort(codes, kind="stable")
        codes, table = codes[order], table.take(pa.array(order)).combine_chunks()
    people = np.concatenate(
        [[0], np.flatnonzero(np.diff(codes)) + 1, [len(codes)] if len(codes) else []]
    ).astype(np.int64)
    values = {
        name: table.column(name).combine_chunks().to_numpy().astype(np.int64)
        for name in COLUMNS
        if name not in LISTS
    }
    for name in LISTS:
        values[name], values[f"{name}_from"] = _listed(table.column(name), name)
    return Grouped(
        table, Rows(psychologist=_coded(table.column("psychologist")), **values), people
    )


def _coded(column: pa.ChunkedArray) -> Any:
    """A number for each different name, in the order in which they first come."""
    encoded = pc.dictionary_encode(column)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return encoded.indices.to_numpy()


def _listed(column: pa.ChunkedArray, name: str) -> tuple[Any, Any]:
    lists = column.combine_chunks()
    bounds = lists.offsets.to_numpy().astype(np.int64)
    numbers = lists.values.to_numpy()[bounds[0] : bounds[-1]].astype(np.int64)
    kind = record(AgreementSpan if name == "agreements" else Span)
    width = len(kind.names or ())
    return numbers.view(kind), (bounds - bounds[0]) // width


def decided(ready: Grouped, law: CompiledLaw, threads: int) -> Any:
    """One row of numbers a session, in the order of ``Decision``; history rows stay zero."""
    rows, people = ready.rows, ready.people
    out = np.zeros((len(rows.held_on), len(Decision._fields)), np.int64)
    if not len(out):
        return out
    loop = compiled_loop()
    longest = int(np.diff(people).max())
    cuts = np.searchsorted(people, np.linspace(0, len(out), threads + 1)).tolist()
    cuts[-1] = len(people) - 1

    def work(first: int, last: int) -> None:
        seen, seen_by = np.zeros(longest, record(EarlierSession)), np.zeros(longest, np.int64)
        loop(rows, people, first, last, law.starts, law.terms, seen, seen_by, out)

    if threads == 1:
        work(cuts[0], cuts[-1])
        return out
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work, *pair) for pair in zip(cuts, cuts[1:], strict=False)]:
            done.result()
    return out
