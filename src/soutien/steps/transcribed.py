"""A paper care sheet as it was typed: what agrees, what the law says of it before it is decided.

A part of the steps about papers; nothing here asks who may.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from soutien.registers.claims import papers
from soutien.registers.claims import queries as claims
from soutien.registers.claims.papers import PaperSheet, PaperTyping
from soutien.registers.people import queries as people
from soutien.registers.people.entitled import entitled
from soutien.registers.people.models import Person
from soutien.registers.psychologists import queries as psychologists
from soutien.registers.psychologists.models import PracticePlace
from soutien.rules.answer import Answer
from soutien.rules.codes import Kind, LinkedTo, Modality, word
from soutien.rules.keying import Amounts, agreed, differing
from soutien.steps import gather, received
from soutien.steps.errors import Refusal
from soutien.steps.received import Entered, PaperLine, Written
from soutien.steps.shown import name_of


@dataclass(frozen=True, slots=True)
class Act:
    """A line of the form: the day, what it was, and the amount as it stands there."""

    held_on: date
    kind: Kind
    modality: Modality
    price_cents: int


@dataclass(frozen=True, slots=True)
class Typed:
    """A paper as it is typed whole. ``psychologist`` is an RPPS number or an AM number."""

    nir: str
    birth_date: date
    psychologist: str
    received_on: date
    acts: tuple[Act, ...]
    number: str = ""
    finess: str = ""
    linked_to: LinkedTo = LinkedTo.NONE
    prescribed: bool = False
    amo_third_party: bool = False
    signed_by_person: bool = True
    signed_by_psychologist: bool = True

    @property
    def amounts(self) -> Amounts:
        return tuple(act.price_cents for act in self.acts)

    def content(self) -> dict[str, Any]:
        """What is kept of it, sealed; who it is about stands in columns."""
        return {
            "acts": [
                [act.held_on.isoformat(), word(act.kind), word(act.modality), act.price_cents]
                for act in self.acts
            ],
            "finess": self.finess,
            "linked_to": word(self.linked_to),
            "prescribed": self.prescribed,
            "amo_third_party": self.amo_third_party,
            "signed_by_person": self.signed_by_person,
            "signed_by_psychologist": self.signed_by_psychologist,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """A line whose amounts differ: what each typing said, in order."""

    act: Act
    amounts_cents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the law says of a line before it is decided; ``code`` when it cannot be entered."""

    act: Act
    answer: Answer | None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Twin:
    """Another claim of the same person for the same day."""

    public_id: uuid.UUID
    reference: str
    held_on: date
    accepted: bool


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper for an agent: as it was typed, where amounts differ, what the law says of it."""

    public_id: uuid.UUID
    reference: str
    number: str
    state: str
    person_name: str
    psychologist_name: str
    received_on: date
    typed: Typed
    times: int
    agreed: bool
    differences: tuple[Difference, ...]
    foreseen: tuple[Foreseen, ...]
    twins: tuple[Twin, ...]
    replaces: uuid.UUID | None
    replaced_by: uuid.UUID | None

    @property
    def refused(self) -> bool:
        """Whether the law would refuse a line of it."""
        return any(one.answer and one.answer.decision.reasons for one in self.foreseen)

    @property
    def may_be_decided(self) -> bool:
        """Whether every line of it can be entered."""
        return self.agreed and not any(one.code for one in self.foreseen)


@dataclass(frozen=True, slots=True)
class PaperLineView:
    """A paper in a list."""

    public_id: uuid.UUID
    reference: str
    person_name: str
    psychologist_name: str
    received_on: date
    state: str
    begun_at: datetime


def found(typed: Typed) -> tuple[Person | None, PracticePlace | None]:
    """Whose paper it is, strictly by number and day of birth, and where the sessions were held.

    The place is None when the psychologist is not known, or has several.
    """
    person = people.by_nir(typed.nir)
    if person is not None and person.birth_date != typed.birth_date.isoformat():
        person = None
    rpps = psychologists.rpps_of(typed.psychologist)
    places = psychologists.places_of({rpps}).get(rpps, []) if rpps else []
    if typed.finess:
        places = [place for place in places if place.finess == typed.finess]
    still_open = [place for place in places if place.closed_on is None] or places
    return person, still_open[0] if len(still_open) == 1 else None


def refuse_unclear(typed: Typed, place: PracticePlace | None, at: datetime) -> None:
    """Refuses what no paper can say, at the field that says it."""
    if place is None:
        known = bool(psychologists.rpps_of(typed.psychologist))
        field = "finess" if known else "psychologist"
        raise Refusal("paper_place_unclear" if known else "paper_nobody", fields=(field,))
    if typed.received_on > gather.civil_day(at, place.time_zone):
        raise Refusal("received_ahead", fields=("received_on",))
    days = [act.held_on for act in typed.acts]
    if not days or len(set(days)) < len(days):
        raise Refusal("paper_lines", fields=("day_1",))


def whole(paper: PaperSheet) -> Typed:
    """The paper as it was last typed whole, with the amounts that agree since, if any do."""
    typings = papers.typings_of(paper.pk)
    last = [typing for typing in typings if not typing.amounts_only][-1:]
    if not last:
        raise Refusal("not_found")
    typed = _typed(paper, last[0].content)
    same = agreed(amounts_of(typings))
    if same is None or len(same) != len(typed.acts):
        return typed
    acts = (replace(act, price_cents=cents) for act, cents in zip(typed.acts, same, strict=True))
    return replace(typed, acts=tuple(acts))


def amounts_of(typings: Sequence[PaperTyping]) -> list[Amounts]:
    """The amounts of each typing, in order, since the lines were last changed."""
    told: list[Amounts] = []
    for typing in typings:
        content = typing.content
        if typing.amounts_only:
            told.append(tuple(content["amounts"]))
            continue
        amounts = tuple(act[-1] for act in content["acts"])
        told = [one for one in told if len(one) == len(amounts)] + [amounts]
    return told


def differences(typed: Typed, told: Sequence[Amounts]) -> tuple[Difference, ...]:
    """Where the last two typings differ, with all that was typed there."""
    if len(told) <= 1 or agreed(told) is not None:
        return ()
    return tuple(
        Difference(typed.acts[place], tuple(amounts[place] for amounts in told))
        for place in differing(told[-2], told[-1])
    )


def written_of(paper: PaperSheet, typed: Typed) -> list[Written]:
    """The lines of a paper as they are entered."""
    return [
        Written(
            sheet=paper.number,
            nir=typed.nir,
            birth_date=typed.birth_date,
            psychologist=paper.psychologist.rpps,
            held_on=act.held_on,
            kind=act.kind,
            modality=act.modality,
            price_cents=act.price_cents,
            received_on=typed.received_on,
            linked_to=typed.linked_to,
            prescribed=typed.prescribed,
            amo_third_party=typed.amo_third_party,
            signed_by_person=typed.signed_by_person,
            signed_by_psychologist=typed.signed_by_psychologist,
            finess=paper.place.finess,
        )
        for act in typed.acts
    ]


def lines_of(paper: PaperSheet, typed: Typed) -> list[PaperLine]:
    """The same, of the person and at the place that were found."""
    person = entitled([paper.person_id])[paper.person_id]
    return [
        PaperLine(number, written, person, paper.place)
        for number, written in enumerate(written_of(paper, typed))
    ]


def foreseen(paper: PaperSheet, typed: Typed, at: datetime) -> tuple[Foreseen, ...]:
    """What the law would say of each line, were the paper decided now; nothing is written."""
    told: dict[int, Entered] = {}
    entering = received.not_entered_yet(lines_of(paper, typed), told)
    received.decide(entering, at)
    answers = {line.number: line.answered for line in entering}
    return tuple(
        Foreseen(act, answers.get(number), told[number].code if number in told else "")
        for number, act in enumerate(typed.acts)
    )


def reasons_of(lines: Sequence[Foreseen]) -> int:
    """The reasons of all lines together, as bits."""
    bits = 0
    for line in lines:
        bits |= line.answer.decision.reasons if line.answer else 0
    return bits


def twins(paper: PaperSheet, typed: Typed) -> tuple[Twin, ...]:
    """Other claims of the person for the same days: a paper may come after the sheet sent here."""
    days = {act.held_on for act in typed.acts}
    rows = {row.claim_id: row for row in claims.latest_decisions(paper.person_id)}
    return tuple(
        Twin(claim.public_id, claim.reference, claim.care_session.held_on, rows[claim.pk].accepted)
        for claim in claims.with_sheets(rows)
        if claim.care_session.held_on in days and claim.care_sheet_id != paper.care_sheet_id
    )


def paper_view(paper: PaperSheet, at: datetime) -> PaperView:
    """A paper with all that an agent needs to go on."""
    typings = papers.typings_of(paper.pk)
    typed, told = whole(paper), amounts_of(typings)
    same = agreed(told) is not None
    replacing = papers.replacing(paper.pk)
    entered = paper.state == papers.ENTERED
    return PaperView(
        public_id=paper.public_id,
        reference=paper.reference,
        number=paper.number,
        state=paper.state,
        person_name=name_of(paper.person),
        psychologist_name=f"{paper.psychologist.given_name} {paper.psychologist.family_name}",
        received_on=paper.received_on,
        typed=typed,
        times=len(told),
        agreed=same,
        differences=differences(typed, told),
        foreseen=foreseen(paper, typed, at) if same and not entered else (),
        twins=() if entered else twins(paper, typed),
        replaces=paper.replaces.public_id if paper.replaces else None,
        replaced_by=replacing.public_id if replacing else None,
    )


def paper_line(paper: PaperSheet) -> PaperLineView:
    return PaperLineView(
        paper.public_id,
        paper.reference,
        name_of(paper.person),
        f"{paper.psychologist.given_name} {paper.psychologist.family_name}",
        paper.received_on,
        paper.state,
        paper.begun_at,
    )


def _typed(paper: PaperSheet, content: Mapping[str, Any]) -> Typed:
    return Typed(
        nir=paper.person.nir,
        birth_date=date.fromisoformat(paper.person.birth_date),
        psychologist=paper.psychologist.rpps,
        received_on=paper.received_on,
        number=paper.number,
        acts=tuple(
            Act(
                date.fromisoformat(day),
                gather.code(Kind, kind),
                gather.code(Modality, modality),
                cents,
            )
            for day, kind, modality, cents in content["acts"]
        ),
        finess=content["finess"],
        linked_to=gather.code(LinkedTo, content["linked_to"]),
        prescribed=content["prescribed"],
        amo_third_party=content["amo_third_party"],
        signed_by_person=content["signed_by_person"],
        signed_by_psychologist=content["signed_by_psychologist"],
    )
