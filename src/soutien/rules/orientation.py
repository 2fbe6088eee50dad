"""Is it for me? From what a person noticed to a door to knock on, with all its reasons.

Never a diagnosis and never a closed door (R-027): every orientation names other ways. The words
and the rules behind each reason stand in ``orientation.toml``; ``orientation_easy.toml`` says the
same in words that are easy to read.
"""

from __future__ import annotations

import tomllib
from enum import IntEnum, IntFlag
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from soutien.rules.terms import Terms


class Who(IntEnum):
    """Whom the answers are about, and who gives them."""

    ADULT = 1  # about oneself
    TEENAGER = 2  # about oneself
    CHILD = 3  # told by a parent
    RELATIVE = 4  # an adult, told by somebody close


class Sign(IntFlag):
    """What is noticed, in everyday words; none of them is a diagnosis."""

    SADNESS = 1
    WORRY = 2
    SLEEP = 4
    FOOD = 8
    ALCOHOL_OR_DRUGS = 16
    HARD_EVENT = 32
    SCHOOL = 64
    ANGER = 128
    BODY = 256
    ALONE = 512


class Since(IntEnum):
    """How long it has lasted."""

    UNSAID = 0
    DAYS = 1
    WEEKS = 2
    MONTHS = 3


class Hold(IntEnum):
    """How much it holds back in everyday life."""

    UNSAID = 0
    LITTLE = 1
    MUCH = 2
    ALMOST_ALL = 3


class Also(IntFlag):
    """What else is going on."""

    PSYCHIATRY_NOW = 1
    PSYCHIATRY_BEFORE = 2  # ended within the look-back of the programme
    PSYCHIATRIC_LONG_ILLNESS = 4  # or invalidity, now or within the look-back
    LONG_SICK_LEAVE = 8  # for a psychiatric reason, now or within the look-back
    RECENT_MEDICINE = 16  # for mood, fear or sleep, for less than the limits
    LONG_MEDICINE = 32
    CANNOT_STOP = 64  # a product, with bodily need or failed attempts
    WEIGHT_CHANGES_FAST = 128  # or food stops school or work
    DEVELOPMENT = 256  # autism, attention, learning: found or being looked for
    SCHOOL_OR_JUSTICE = 512  # excluded several times, or judged
    SHUT_AWAY = 1024
    BIRTH = 2048  # a baby expected, or born within the year
    STUDENT = 4096


class Facts(NamedTuple):
    """What was told. Every question can be left out."""

    who: Who = Who.ADULT
    age_years: int = -1  # not told
    signs: Sign = Sign(0)
    since: Since = Since.UNSAID
    hold: Hold = Hold.UNSAID
    also: Also = Also(0)
    danger: bool = False


class Route(IntEnum):
    """Where to knock first. The lowest number that a reason asks for is the answer."""

    EMERGENCY = 1
    EARLY_CHILDHOOD = 2
    PSYCHIATRY = 3
    ADDICTION = 4
    DOCTOR = 5
    PARTNER = 6
    WATCH = 7


class Ground(IntFlag):
    """Why. Numbers are never reused."""

    DANGER = 1
    BELOW_MINIMUM_AGE = 2
    PSYCHIATRY_NOW = 4
    MINOR_PSYCHIATRY_BEFORE = 8
    ADULT_PSYCHIATRY_BEFORE = 16
    PSYCHIATRIC_LONG_ILLNESS = 32
    LONG_SICK_LEAVE = 64
    SCHOOL_OR_JUSTICE = 128
    SHUT_AWAY = 256
    CANNOT_STOP = 512
    LONG_MEDICINE = 1024
    WEIGHT_CHANGES_FAST = 2048
    MINOR_DEVELOPMENT = 4096
    HOLDS_ALMOST_ALL = 8192
    RECENT_MEDICINE = 16384
    BIRTH = 32768
    STUDENT = 65536
    ADULT_INDICATION = 131072
    MINOR_INDICATION = 262144
    UNDECIDED = 524288
    RECENT_AND_LIGHT = 1048576


class Orientation(NamedTuple):
    """A first door, all the reasons, the other doors, and whom a search is for."""

    route: Route
    grounds: Ground
    others: tuple[Route, ...]
    public: str  # child, teenager or adult


# The programme's indications for adults, and what goes with them.
ADULT_SIGNS = (
    Sign.SADNESS
    | Sign.WORRY
    | Sign.SLEEP
    | Sign.FOOD
    | Sign.ALCOHOL_OR_DRUGS
    | Sign.HARD_EVENT
    | Sign.ANGER
    | Sign.BODY
    | Sign.ALONE
)
# What psychologists of the directory call a teenager.
TEENAGER_FROM_YEARS = 11

ROUTE_OF: dict[Ground, Route] = {
    Ground.DANGER: Route.EMERGENCY,
    Ground.BELOW_MINIMUM_AGE: Route.EARLY_CHILDHOOD,
    Ground.PSYCHIATRY_NOW: Route.PSYCHIATRY,
    Ground.MINOR_PSYCHIATRY_BEFORE: Route.PSYCHIATRY,
    Ground.ADULT_PSYCHIATRY_BEFORE: Route.DOCTOR,
    Ground.PSYCHIATRIC_LONG_ILLNESS: Route.PSYCHIATRY,
    Ground.LONG_SICK_LEAVE: Route.PSYCHIATRY,
    Ground.SCHOOL_OR_JUSTICE: Route.PSYCHIATRY,
    Ground.SHUT_AWAY: Route.PSYCHIATRY,
    Ground.CANNOT_STOP: Route.ADDICTION,
    Ground.LONG_MEDICINE: Route.DOCTOR,
    Ground.WEIGHT_CHANGES_FAST: Route.DOCTOR,
    Ground.MINOR_DEVELOPMENT: Route.DOCTOR,
    Ground.HOLDS_ALMOST_ALL: Route.DOCTOR,
    Ground.RECENT_MEDICINE: Route.PARTNER,
    Ground.BIRTH: Route.PARTNER,
    Ground.STUDENT: Route.PARTNER,
    Ground.ADULT_INDICATION: Route.PARTNER,
    Ground.MINOR_INDICATION: Route.PARTNER,
    Ground.UNDECIDED: Route.PARTNER,
    Ground.RECENT_AND_LIGHT: Route.WATCH,
}
FOR_EVERYBODY = {
    Also.PSYCHIATRY_NOW: Ground.PSYCHIATRY_NOW,
    Also.PSYCHIATRIC_LONG_ILLNESS: Ground.PSYCHIATRIC_LONG_ILLNESS,
    Also.SHUT_AWAY: Ground.SHUT_AWAY,
    Also.CANNOT_STOP: Ground.CANNOT_STOP,
    Also.LONG_MEDICINE: Ground.LONG_MEDICINE,
    Also.WEIGHT_CHANGES_FAST: Ground.WEIGHT_CHANGES_FAST,
}
FOR_MINORS = {
    Also.PSYCHIATRY_BEFORE: Ground.MINOR_PSYCHIATRY_BEFORE,
    Also.SCHOOL_OR_JUSTICE: Ground.SCHOOL_OR_JUSTICE,
    Also.DEVELOPMENT: Ground.MINOR_DEVELOPMENT,
}
FOR_ADULTS = {
    Also.PSYCHIATRY_BEFORE: Ground.ADULT_PSYCHIATRY_BEFORE,
    Also.LONG_SICK_LEAVE: Ground.LONG_SICK_LEAVE,
}
# What is true beside, and says nothing of where to go first.
ASIDE = Ground.BIRTH | Ground.STUDENT | Ground.RECENT_MEDICINE


def is_minor(facts: Facts, terms: Terms) -> bool:
    """Whether the one concerned is under age; an age told by the person has the last word."""
    if facts.age_years >= 0:
        return facts.age_years < terms.majority_age_years
    return facts.who in {Who.TEENAGER, Who.CHILD}


def public_of(facts: Facts, terms: Terms) -> str:
    """Whom a search of psychologists is for."""
    if not is_minor(facts, terms):
        return "adult"
    if facts.age_years < 0:
        return "teenager" if facts.who is Who.TEENAGER else "child"
    return "teenager" if facts.age_years >= TEENAGER_FROM_YEARS else "child"


def orient(facts: Facts, terms: Terms) -> Orientation:
    """The first door for ``facts``: the most urgent that any reason asks for."""
    minor = is_minor(facts, terms)
    grounds = _first_elsewhere(facts, minor, terms) | _beside(facts)
    if not grounds & ~ASIDE:
        grounds |= _ordinary(facts, minor)
    asked = [route for ground, route in ROUTE_OF.items() if ground & grounds & ~ASIDE]
    route = min(asked)
    return Orientation(route, grounds, _others(route, minor, facts), public_of(facts, terms))


def _first_elsewhere(facts: Facts, minor: bool, terms: Terms) -> Ground:
    """What asks for another door before the programme's (R-001, R-007, R-020 to R-025)."""
    grounds = Ground(0)
    if facts.danger:
        grounds |= Ground.DANGER
    if 0 <= facts.age_years < terms.age_years_min:
        grounds |= Ground.BELOW_MINIMUM_AGE
    if facts.hold is Hold.ALMOST_ALL:
        grounds |= Ground.HOLDS_ALMOST_ALL
    for also, ground in {**FOR_EVERYBODY, **(FOR_MINORS if minor else FOR_ADULTS)}.items():
        if facts.also & also:
            grounds |= ground
    return grounds


def _beside(facts: Facts) -> Ground:
    grounds = Ground(0)
    if facts.also & Also.RECENT_MEDICINE and not facts.also & Also.LONG_MEDICINE:
        grounds |= Ground.RECENT_MEDICINE
    if facts.also & Also.BIRTH:
        grounds |= Ground.BIRTH
    if facts.also & Also.STUDENT:
        grounds |= Ground.STUDENT
    return grounds


def _ordinary(facts: Facts, minor: bool) -> Ground:
    """Nothing asks for another door first: the programme's, or time (R-004, R-006)."""
    if facts.since is Since.DAYS and facts.hold is Hold.LITTLE:
        return Ground.RECENT_AND_LIGHT
    if minor and facts.signs:
        return Ground.MINOR_INDICATION
    if facts.signs & ADULT_SIGNS:
        return Ground.ADULT_INDICATION
    return Ground.UNDECIDED


def _others(route: Route, minor: bool, facts: Facts) -> tuple[Route, ...]:
    """The other doors, always at least two: nobody leaves with one way only (R-027, R-028)."""
    doors = [Route.DOCTOR, Route.PSYCHIATRY, Route.PARTNER]
    if facts.signs & Sign.ALCOHOL_OR_DRUGS:
        doors.append(Route.ADDICTION)
    if route is Route.EARLY_CHILDHOOD:
        # Before the programme's age nobody can be paid for: no false hope.
        doors.remove(Route.PARTNER)
    if route is Route.EMERGENCY:
        doors = [Route.PSYCHIATRY, Route.DOCTOR]
    return tuple(door for door in doors if door is not route)


class Wording(NamedTuple):
    """A reason in words, with the rules of the programme behind it."""

    code: str
    sentence: str
    rules: tuple[str, ...]


class Guidance(NamedTuple):
    """A door in words: one sentence, what to do now, and how it is named among others."""

    code: str
    sentence: str
    steps: tuple[str, ...]
    as_another: str


@lru_cache(maxsize=2)
def _words(name: str = "orientation") -> dict[str, Any]:
    return tomllib.loads((files("soutien.rules") / f"{name}.toml").read_text("utf-8"))


def _said(easy: bool) -> dict[str, Any]:
    """The words alone: the ordinary ones, or those that are easy to read."""
    return _words("orientation_easy") if easy else _words()


def _values(terms: Terms) -> dict[str, int]:
    limits = {name: entry["value"] for name, entry in _words()["limit"].items()}
    return {**terms._asdict(), **limits}


def medicine_limits() -> tuple[int, int]:
    """Months of an antidepressant, and of a medicine for fear or sleep, that need no opinion."""
    limits = _words()["limit"]
    return limits["antidepressant_months_max"]["value"], limits["calming_months_max"]["value"]


def reasons(
    orientation: Orientation, lang: str, terms: Terms, *, easy: bool = False
) -> list[Wording]:
    """Every reason in words, those of the first door first."""
    values = _values(terms)
    listed = sorted(
        (ground for ground in Ground if ground & orientation.grounds),
        key=lambda ground: (bool(ground & ASIDE), ROUTE_OF[ground], ground),
    )
    entries = [(str(ground.name).lower(), ground) for ground in listed]
    return [
        Wording(
            code,
            _said(easy)["ground"][code][lang].format_map(values),
            tuple(_words()["ground"][code]["rules"]),
        )
        for code, _ground in entries
    ]


def guidance(
    route: Route, lang: str, terms: Terms, *, minor: bool = False, easy: bool = False
) -> Guidance:
    """A door in words; for a minor, the one made for them where there is one."""
    code = route.name.lower()
    entry = _said(easy)["route"][code]
    if minor and f"{code}_minor" in _said(easy)["route"]:
        entry = {**entry, **_said(easy)["route"][f"{code}_minor"]}
    values = _values(terms)
    return Guidance(
        code,
        entry[lang].format_map(values),
        tuple(step.format_map(values) for step in entry[f"steps_{lang}"]),
        entry[f"other_{lang}"].format_map(values),
    )
