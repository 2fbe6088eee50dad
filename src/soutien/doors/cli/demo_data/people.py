"""Made-up people: who they are, where they live, and what covers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random

from soutien.doors.cli.demo_data import identifiers, towns
from soutien.doors.cli.demo_data.chances import chance as chance_of
from soutien.doors.cli.demo_data.chances import drawn
from soutien.doors.cli.demo_data.names import ORIGINS
from soutien.doors.cli.demo_data.psychologists import CRAPONNE
from soutien.registers.people.models import (
    Affiliation,
    Cover,
    Exemption,
    Person,
    PsychiatricSituation,
)
from soutien.registers.people.queries import likeness_index, nir_index
from soutien.registers.people.rights import ground_index, member_index
from soutien.registers.places.gazetteer import Town, town_by_insee
from soutien.rules import dossier as law
from soutien.rules.calendar import add_years
from soutien.rules.codes import ExemptionKind, PsychiatricKind, Regime
from soutien.steps.gather import code, in_force, last_day, terms_on

# The others come to the demo's own psychologist; the fund has refusals of theirs to read.
CAMILLE, SACHA = 0, 1
READ_AGAIN = frozenset({7, 16, 22})
_LONG_ILLNESS_SINCE_DAYS = 25
# How many thousand people had begun by a day, as published; after the last day, as before it.
_GROWTH = (
    (date(2022, 4, 5), 0),
    (date(2023, 1, 15), 30),
    (date(2023, 4, 15), 103),
    (date(2023, 12, 31), 243),
    (date(2024, 10, 8), 381),
    (date(2025, 2, 28), 587),
    (date(2025, 9, 30), 900),
    (date(2027, 12, 31), 2_100),
)
# People who have asked for a first appointment, and not had it yet.
WAITING_DAYS = 18
# The patients of the demo's own psychologist have begun since.
_NEIGHBOURS_SINCE = 120
_AGES = (
    ((3, 10), 4),
    ((11, 17), 6),
    ((18, 24), 12),
    ((25, 34), 28),
    ((35, 44), 20),
    ((45, 54), 14),
    ((55, 64), 9),
    ((65, 84), 7),
)
_DAYS_IN_YEAR = 365
# From this age to before the other, in years.
_MOTHERS, _AT_WORK = range(18, 43), range(18, 62)
_WOMEN = 0.71
_ENGLISH = 0.05
_DISCREET = 0.12
_ALSACE_MOSELLE = ("57", "67", "68")
_LOCAL_REGIME = 0.95
_MSA_IN_THE_COUNTRY, _MSA_ELSEWHERE, _SPECIAL = 0.22, 0.03, 0.03
_CSS, _AME = 0.11, 0.012
_CSS_ENDED, _INSURED_AFTER_CSS = 0.25, 0.5
_NO_INSURER, _OTHER_CONTRACT = 0.06, 0.01
_ALD, _AT_MP, _MATERNITY, _INVALIDITY = 0.06, 0.01, 0.03, 0.02
_PSYCHIATRIC = 0.003
_INSURERS = (
    "Mutuelle des Tilleuls",
    "Mutuelle du Lavoir",
    "Entraide des Deux Rives",
    "Prévoyance du Belvédère",
    "La Solidaire des Métiers",
    "Mutuelle de la Place",
    "Mutuelle du Grand Chêne",
    "Santé des Quatre Vents",
)


@dataclass
class Individual:
    """One person's rows, not yet stored, and what their care will follow from."""

    number: int
    person: Person
    town: Town
    born_on: date
    starts_on: date
    affiliations: list[Affiliation] = field(default_factory=list)
    exemptions: list[Exemption] = field(default_factory=list)
    covers: list[Cover] = field(default_factory=list)
    psychiatric: list[PsychiatricSituation] = field(default_factory=list)
    linked_to: str = ""

    def minor_on(self, day: date) -> bool:
        """Whether the person is under eighteen."""
        majority_on = add_years(self.born_on.toordinal(), terms_on(day).majority_age_years)
        return day.toordinal() < majority_on

    def affiliation_on(self, day: date) -> Affiliation | None:
        """The compulsory scheme of a day; none for State medical aid."""
        return in_force(self.affiliations, day)

    def before_the_law(self, day: date, *, psychiatric: bool) -> law.Person:
        """The person as the law asks about them on a day."""
        affiliation, cover = self.affiliation_on(day), in_force(self.covers, day)
        return law.Person(
            birth_date=self.born_on,
            regime=Regime.NONE if affiliation is None else code(Regime, affiliation.regime),
            amc=cover is not None and cover.responsible_contract,
            exemptions=tuple(
                law.Exemption(
                    code(ExemptionKind, row.kind), row.valid_from, last_day(row.valid_before)
                )
                for row in self.exemptions
            ),
            psychiatric=tuple(
                law.PsychiatricSituation(
                    code(PsychiatricKind, row.kind), row.valid_from, last_day(row.valid_before)
                )
                for row in (self.psychiatric if psychiatric else ())
            ),
        )


def individuals(count: int, neighbours: int, on: date) -> list[Individual]:
    """``count`` people: Camille, Sacha, ``neighbours`` who live near them, and the country."""
    craponne = town_by_insee(CRAPONNE)
    assert craponne is not None
    where = towns.spread(count)
    chance_of("homes", count).shuffle(where)
    starts = _starts(count, on)
    near = _around(craponne)
    for number in range(2 + neighbours):
        where[number] = craponne if number <= SACHA else near[number % len(near)]
        starts[number] = on - timedelta(days=_NEIGHBOURS_SINCE)
    return [_individual(number, where[number], starts[number], on) for number in range(count)]


def _around(town: Town) -> Sequence[Town]:
    reach = 0.08
    return [
        other
        for group in ("suburb", "town")
        for other in towns.strata()[group]
        if abs(other.latitude - town.latitude) < reach
        and abs(other.longitude - town.longitude) < reach
    ]


def _starts(count: int, on: date) -> list[date]:
    """The day each begins, so that the number of people grows as the published one did."""
    until = on + timedelta(days=WAITING_DAYS)
    thousands = [_reached(until) * (number + 0.5) / count for number in range(count)]
    days = [_day_of(thousand) for thousand in thousands]
    chance_of("starts", count).shuffle(days)
    return days


def _reached(on: date) -> float:
    for (start, before), (end, after) in pairwise(_GROWTH):
        if on < end:
            return before + (after - before) * max((on - start).days, 1) / (end - start).days
    return _GROWTH[-1][1]


def _day_of(thousand: float) -> date:
    for (start, before), (end, after) in pairwise(_GROWTH):
        if thousand < after:
            return start + (end - start) * ((thousand - before) / (after - before))
    return _GROWTH[-1][0]


def _individual(number: int, town: Town, starts_on: date, on: date) -> Individual:
    chance = chance_of("person", number)
    origin = drawn(chance, [(origin, origin.weight) for origin in ORIGINS])
    woman = chance.random() < _WOMEN
    born_on = _born_on(starts_on, chance)
    given_name = chance.choice(origin.women if woman else origin.men)
    family_name = chance.choice(origin.families)
    if number == CAMILLE:
        given_name, woman, born_on = "Camille", True, date(1991, 3, 14)
    if number == SACHA:
        given_name, woman, born_on = "Sacha", False, date(2001, 9, 2)
    number_of_nir = identifiers.nir(number + 1, born_on=born_on, sex=2 if woman else 1)
    known_on = min(starts_on - timedelta(days=WAITING_DAYS), on)
    person = Person(
        public_id=identifiers.public_id("person", number),
        given_name=given_name,
        family_name=family_name,
        birth_date=born_on.isoformat(),
        nir=number_of_nir,
        nir_index=nir_index(number_of_nir),
        likeness_index=likeness_index(family_name, born_on.isoformat()),
        email=identifiers.email(given_name, family_name, number),
        phone=identifiers.telephone(number, town.departement, mobile=True),
        language="en" if number > SACHA and chance.random() < _ENGLISH else "fr",
        discreet=number > SACHA and chance.random() < _DISCREET,
        created_at=datetime.combine(known_on, time(8), UTC),
    )
    made = Individual(number, person, town, born_on, starts_on)
    _insure(made, on, chance)
    return made


def _born_on(starts_on: date, chance: Random) -> date:
    youngest, oldest = drawn(chance, _AGES)
    days = chance.randint(youngest * 366, (oldest + 1) * _DAYS_IN_YEAR - 1)
    return starts_on - timedelta(days=days)


def _insure(made: Individual, on: date, chance: Random) -> None:
    """The person's scheme, exemptions and complementary insurer."""
    since = max(made.born_on, made.starts_on - timedelta(days=chance.randint(300, 2_400)))
    share = chance.random()
    if made.number == SACHA:
        _affiliate(made, "general", since)
        _exempt(made, "css", on - timedelta(days=120))
    elif made.number == CAMILLE or made.number in READ_AGAIN:
        _affiliate(made, "general", since)
        _cover(made, since, chance)
    elif share < _AME:
        _affiliate(made, "none", since)
        _exempt(made, "ame", made.starts_on - timedelta(days=chance.randint(20, 200)))
    else:
        _affiliate(made, _regime(made.town, chance), since)
        if share < _AME + _CSS:
            _under_css(made, chance)
        elif chance.random() >= _NO_INSURER:
            _cover(made, since, chance)
        _exempt_for_care(made, chance)
    if made.number in READ_AGAIN:
        _psychiatric(made, "psychiatric_ald", on - timedelta(days=_LONG_ILLNESS_SINCE_DAYS))
    elif made.number > SACHA and chance.random() < _PSYCHIATRIC:
        kind = "child_psychiatry_follow_up" if made.minor_on(made.starts_on) else "psychiatric_ald"
        _psychiatric(made, kind, made.starts_on - timedelta(days=90))


def _psychiatric(made: Individual, kind: str, since: date) -> None:
    made.psychiatric.append(
        PsychiatricSituation(
            public_id=identifiers.public_id("psychiatric situation", made.number),
            person=made.person,
            kind=kind,
            valid_from=since,
        )
    )


def _regime(town: Town, chance: Random) -> str:
    country = town in _country()
    msa = _MSA_IN_THE_COUNTRY if country else _MSA_ELSEWHERE
    if town.departement in _ALSACE_MOSELLE and chance.random() < _LOCAL_REGIME:
        return "regime_local_alsace_moselle"
    return drawn(chance, (("msa", msa), ("special", _SPECIAL), ("general", 1 - msa - _SPECIAL)))


def _country() -> frozenset[Town]:
    if not _COUNTRY:
        _COUNTRY.append(frozenset(towns.strata()["country"]))
    return _COUNTRY[0]


_COUNTRY: list[frozenset[Town]] = []


def _affiliate(made: Individual, regime: str, since: date) -> None:
    made.affiliations.append(
        Affiliation(
            public_id=identifiers.public_id("scheme", made.number, len(made.affiliations)),
            person=made.person,
            regime=regime,
            fund_code=identifiers.fund_code(regime, made.town.departement),
            valid_from=since,
            declared_by="psychologist",
        )
    )


def _exempt(made: Individual, kind: str, since: date, before: date | None = None) -> None:
    made.exemptions.append(
        Exemption(
            public_id=identifiers.public_id("exemption", made.number, len(made.exemptions)),
            person=made.person,
            kind=kind,
            same_index=ground_index(made.person, kind),
            valid_from=max(since, made.born_on),
            valid_before=before,
            declared_by="psychologist",
        )
    )


def _cover(made: Individual, since: date, chance: Random) -> None:
    drawn_name = chance.choice(_INSURERS)
    # Camille's has an account in the demo.
    insurer = _INSURERS[0] if made.number == CAMILLE else drawn_name
    code, number = (
        identifiers.insurer_code(_INSURERS.index(insurer)),
        identifiers.member_number(made.number),
    )
    made.covers.append(
        Cover(
            public_id=identifiers.public_id("cover", made.number, len(made.covers)),
            person=made.person,
            insurer_code=code,
            insurer_name=f"{insurer} (démonstration)",
            member_number=number,
            member_index=member_index(code, number),
            responsible_contract=made.number == CAMILLE or chance.random() >= _OTHER_CONTRACT,
            valid_from=since,
            declared_by="psychologist",
        )
    )


def _under_css(made: Individual, chance: Random) -> None:
    since = made.starts_on - timedelta(days=chance.randint(10, 300))
    if chance.random() >= _CSS_ENDED:
        _exempt(made, "css", since)
        return
    before = since + timedelta(days=_DAYS_IN_YEAR)
    _exempt(made, "css", since, before)
    if chance.random() < _INSURED_AFTER_CSS:
        _cover(made, before, chance)


def _exempt_for_care(made: Individual, chance: Random) -> None:
    """Grounds that hold for care linked to them; some people do not declare the link."""
    age = (made.starts_on - made.born_on).days // _DAYS_IN_YEAR
    woman = made.person.nir.startswith("2")
    draw = chance.random()
    if draw < _ALD:
        _exempt(made, "ald", made.starts_on - timedelta(days=chance.randint(30, 900)))
        made.linked_to = drawn(chance, (("ald", 2), ("", 1)))
    elif draw < _ALD + _MATERNITY and woman and age in _MOTHERS:
        start = made.starts_on - timedelta(days=chance.randint(0, 60))
        _exempt(made, "maternity", start, start + timedelta(days=chance.randint(110, 150)))
        made.linked_to = "maternity"
    elif draw < _ALD + _MATERNITY + _AT_MP and age in _AT_WORK:
        _exempt(made, "at_mp", made.starts_on - timedelta(days=chance.randint(15, 200)))
        made.linked_to = "at_mp"
    elif draw < _ALD + _MATERNITY + _AT_MP + _INVALIDITY and age in _AT_WORK:
        _exempt(made, "invalidity", made.starts_on - timedelta(days=chance.randint(100, 2_000)))
    elif draw > 1 - _PSYCHIATRIC:
        made.linked_to = "third_party_accident"
