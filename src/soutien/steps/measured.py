"""What steps on questionnaires are made of: the scales there are, who answers one, its score."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings

from soutien.registers.measures import queries as measures
from soutien.registers.measures.models import Outcome
from soutien.registers.people.models import Person
from soutien.rules.calendar import day_number
from soutien.rules.guardianship import comes_of_age_on
from soutien.rules.scales import Band, Scale, ScaleError, load_scale, scales_in
from soutien.rules.screen import Danger, Evolution, Score, evolution, score, uncertainty
from soutien.steps import gather
from soutien.steps.errors import Refusal

ADULTS, CHILDREN = "adults", "children"


@dataclass(frozen=True, slots=True)
class Blank:
    """A questionnaire as it is shown to who answers; without scale when that is there no more."""

    public_id: uuid.UUID
    booking_id: int
    scale: Scale | None
    asked_at: datetime
    valid_before: datetime
    filled: bool
    over: bool

    @property
    def stands(self) -> bool:
        """Whether it may be filled in."""
        return self.scale is not None and not self.filled and not self.over


@dataclass(frozen=True, slots=True)
class Told:
    """One outcome: its score, its answers, and what was done about it."""

    public_id: uuid.UUID
    person_id: int
    scale: Scale | None
    name: str
    version: str
    answers: tuple[int | None, ...]
    total: int | None
    total_max: int
    band: Band | None
    danger: Danger
    estimated: bool
    way: str
    filled_on: date
    recorded_at: datetime
    read: bool
    done: tuple[tuple[datetime, str], ...]

    @property
    def between(self) -> tuple[int, int] | None:
        """The totals that chance alone does not tell from this one."""
        if self.scale is None or self.total is None:
            return None
        return uncertainty(self.scale, self.total)

    @property
    def urgent(self) -> bool:
        """Whether somebody has to talk with the person, and nobody said that they did."""
        return self.danger is not Danger.NO and not self.read


@dataclass(frozen=True, slots=True)
class Curve:
    """The outcomes of one version of one scale, oldest first, and how they compare."""

    scale: Scale
    points: tuple[Told, ...]
    evolution: Evolution


def scales() -> Mapping[str, Scale]:
    """All scales, those of the operator's folder too."""
    return scales_in(settings.SCALES_DIR)


def scale_named(name: str) -> Scale:
    """A scale by its name. Refuses ``scale_unknown``."""
    try:
        return load_scale(name, settings.SCALES_DIR)
    except ScaleError as error:
        raise Refusal("scale_unknown", fields=("scale",)) from error


def suits(scale: Scale, *, of_age: bool) -> bool:
    """Whether a scale is made for grown-ups as this person is, or for who is not yet."""
    return (scale.public == ADULTS) == of_age


def is_of_age(person: Person, on: date) -> bool:
    """Whether a person is of age on a day."""
    majority = gather.terms_on(on).majority_age_years
    born_on = date.fromisoformat(person.birth_date)
    return day_number(on) >= comes_of_age_on(day_number(born_on), majority)


def years_on(person: Person, on: date) -> int:
    """How old a person is on a day."""
    born_on = date.fromisoformat(person.birth_date)
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def scored(
    scale: Scale, answers: Sequence[int | None], *, sex: str = "", age: int | None = None
) -> Score:
    """The score of answers. Refuses ``answers_unclear``; nothing at all is no answer."""
    try:
        found = score(scale, answers, sex=sex, age=age)
    except ScaleError as error:
        raise Refusal("answers_unclear", fields=("answers",)) from error
    if len(found.blanks) == scale.items:
        raise Refusal("answers_none", fields=("answers",))
    return found


def to_keep(found: Score, answers: Sequence[int | None], *, sex: str = "") -> dict[str, Any]:
    """What is sealed of a score: the answers, and what was told of them that day."""
    return {
        "scale": found.scale,
        "version": found.version,
        "answers": list(answers),
        "sex": sex,
        "total": found.total,
        "total_max": found.total_max,
        "band": found.band.code if found.band else "",
        "danger": str(found.danger),
        "estimated": found.estimated,
    }


def told(row: Outcome) -> Told:
    """An outcome as it was scored; without its scale when that is there no more."""
    kept = row.told
    scale = scales().get(kept["scale"])
    if scale is not None and scale.version != kept["version"]:
        scale = None
    bands = scale.bands if scale else ()
    return Told(
        public_id=row.public_id,
        person_id=row.person_id,
        scale=scale,
        name=kept["scale"],
        version=kept["version"],
        answers=tuple(kept["answers"]),
        total=kept["total"],
        total_max=kept["total_max"],
        band=next((band for band in bands if band.code == kept["band"]), None),
        danger=Danger(kept["danger"]),
        estimated=kept["estimated"],
        way=row.way,
        filled_on=row.filled_on,
        recorded_at=row.recorded_at,
        read=measures.is_read(row),
        done=tuple((each.reviewed_at, each.done) for each in measures.reviews_of(row)),
    )


def curves(found: Iterable[Told]) -> tuple[Curve, ...]:
    """One curve for each version of each scale, by name; what has no scale any more has none."""
    kept: dict[tuple[str, str], list[Told]] = {}
    for each in found:
        if each.scale is not None:
            kept.setdefault((each.name, each.version), []).append(each)
    made = []
    for _key, points in sorted(kept.items()):
        scale = points[0].scale
        assert scale is not None
        compared = evolution(scale, [point.total for point in points])
        made.append(Curve(scale, tuple(points), compared))
    return tuple(made)
