"""People and their claims for the property tests: a dossier for each session of a year."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from hypothesis import strategies as st

from soutien.rules.answer import Answer, answer
from soutien.rules.codes import Kind, LinkedTo, Modality, Profile, Referrer, Regime
from soutien.rules.dossier import (
    Agreement,
    ClaimedSession,
    Dossier,
    PastSession,
    Person,
    Psychologist,
    Referral,
)
from soutien.rules.terms import Law, load_law

PSYCHOLOGISTS = {name: Psychologist((Agreement(date(2022, 4, 5)),)) for name in ("P1", "P2", "P3")}
PEOPLE = st.builds(
    Person,
    birth_date=st.dates(date(1940, 1, 1), date(2015, 1, 1)),
    regime=st.sampled_from([regime for regime in Regime if regime is not Regime.NONE]),
    amc=st.booleans(),
)


@dataclass
class Year:
    """One person whose claims come in one after another; the paid ones are remembered."""

    person: Person
    profile: Profile = Profile.OPERATIONAL
    law: Law = field(default_factory=load_law)
    paid: list[PastSession] = field(default_factory=list)

    def dossier(self, held_on: date, kind: Kind, psychologist: str = "P1") -> Dossier:
        """The question whether a session of that day, at the right price, is covered."""
        terms = self.law.on(held_on, self.profile)
        evaluation = kind is Kind.EVALUATION
        price = terms.evaluation_fee_cents if evaluation else terms.follow_up_fee_cents
        return Dossier(
            person=self.person,
            psychologists=PSYCHOLOGISTS,
            claim=ClaimedSession(
                held_on=held_on,
                kind=kind,
                modality=Modality.IN_PERSON,
                psychologist=psychologist,
                price_cents=price,
                linked_to=LinkedTo.NONE,
            ),
            history=tuple(self.paid),
            # A letter of the first session's day keeps any date of the year open.
            referral=Referral(self.first_day(held_on), Referrer.GP),
            profile=self.profile,
        )

    def first_day(self, held_on: date) -> date:
        """The day of the latest evaluation paid on or before a day, or that day."""
        days = [
            past.held_on
            for past in self.paid
            if past.kind is Kind.EVALUATION and past.held_on <= held_on
        ]
        return max(days, default=held_on)

    def claim(self, held_on: date, kind: Kind, psychologist: str = "P1") -> Answer:
        """Decides a session, and remembers it when it is covered."""
        answered = answer(self.dossier(held_on, kind, psychologist), self.law)
        if answered.decision.accepted:
            self.paid.append(PastSession(held_on, kind, psychologist))
        return answered

    def claim_all(self, sessions: Iterable[tuple[date, Kind, str]]) -> list[Answer]:
        """Decides sessions in the order in which they come."""
        return [self.claim(*session) for session in sessions]


def sessions_of(year: int) -> st.SearchStrategy[Sequence[tuple[date, Kind, str]]]:
    """Up to forty sessions of a year in any order, on any day, with anybody."""
    first = max(date(year, 1, 1), date(2022, 4, 5))
    session = st.tuples(
        st.dates(first, date(year, 12, 31)),
        st.sampled_from(list(Kind)),
        st.sampled_from(sorted(PSYCHOLOGISTS)),
    )
    at_least = st.sampled_from([0, 1, 10, 25])
    return at_least.flatmap(lambda size: st.lists(session, min_size=size, max_size=40))
