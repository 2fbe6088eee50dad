"""The psychologist arranges the agenda: hours, days away, one day's changes, how others book.

Nothing booked is ever moved or cancelled by it: each step answers with the appointments that its
change leaves outside the hours. They are kept, and told. See docs/decisions/0013.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import combinations

from django.db import transaction

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.free import DAYS_IN_WEEK, MINUTES_IN_DAY, Opening, at_once
from soutien.registers.agenda.models import Absence, AgendaLimits, OpeningException, OpeningRule
from soutien.registers.agenda.public_holidays import department_of, public_holidays
from soutien.registers.agenda.queries import Limits, Line
from soutien.registers.psychologists.models import PracticePlace
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.bookable import place_of
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import announce, record

_DAY = timedelta(days=1)
# What an appointment may last, in minutes, and what the limits may be: as the tables say.
_LENGTH = (15, 720)
_BOUNDS = Limits(
    buffer_minutes=240,
    notice_hours=24 * 30,
    horizon_days=400,
    first_sessions_kept=50,
    kept_until_days=60,
)
_LEAST = Limits(0, 0, 1, 0, 0)
_ACCEPTED = ("evaluation", "follow_up", "both")
_WAYS = ("in_person", "remote", "both")
# Six ranges a day: a week longer than this is a slip, or written to keep us busy.
RANGES_MOST = 6 * DAYS_IN_WEEK


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours open: minutes after midnight on the clock of the place, an appointment's length."""

    starts_at_minute: int
    ends_at_minute: int
    appointment_minutes: int = 60
    accepts: str = "both"
    modality: str = "in_person"


@dataclass(frozen=True, slots=True)
class Weekly:
    """Hours open every week on a day (0 is Monday) at a place."""

    place_id: int
    weekday: int
    hours: Hours
    open_on_public_holidays: bool = False


@dataclass(frozen=True, slots=True)
class Arranged:
    """What was written, and the appointments that it newly leaves outside the hours."""

    id: int
    outside: tuple[Line, ...] = ()


@transaction.atomic
def arrange_week(
    *, actor: Actor, week: Sequence[Weekly], valid_from: date, limits: Limits, at: datetime
) -> Arranged:
    """Make this the week from a day on, and others book within these limits, all at once.

    The hours of before end there; those that stay the same are not written again. When nothing
    changes, nothing is written or told. Refuses ``week_too_long``, ``openings_at_once``.
    """
    change = _begin(actor, "arrange_week", at)
    owner = change.psychologist_id
    new = _week_of(owner, week, valid_from, at)
    _refuse_wrong_limits(limits)
    ended = []
    rules = OpeningRule.objects.filter(psychologist_id=owner).select_related("place")
    for former in rules.exclude(valid_before__lte=valid_from).order_by("pk"):
        stays = former.valid_from <= valid_from and former.valid_before is None
        same = next((one for one in new if stays and _same_hours(one, former)), None)
        if same is None:
            ended.append(former)
        else:
            new.remove(same)
    bound = limits != agenda.limits_of(owner)
    if not (new or ended or bound):
        return Arranged(owner)
    for former in ended:
        _stop(former, valid_from)
    OpeningRule.objects.bulk_create(new)
    _refuse_week_at_two_places(owner, valid_from)
    if bound:
        AgendaLimits.objects.update_or_create(psychologist_id=owner, defaults=limits._asdict())
    return _end(change, actor, "agenda.week.arranged", owner, at)


@transaction.atomic
def add_opening(
    *,
    actor: Actor,
    place_id: int,
    weekday: int,
    hours: Hours,
    valid_from: date,
    at: datetime,
    valid_before: date | None = None,
    open_on_public_holidays: bool = False,
) -> Arranged:
    """Open every week at a place, from a day on; ``weekday`` 0 is Monday.

    Refuses ``openings_at_once``: nobody is at two places at the same time.
    """
    change = _begin(actor, "add_opening", at)
    place = place_of(place_id, change.psychologist_id)
    _refuse_wrong(hours, place, valid_from, valid_before, at)
    _refuse_no_weekday(weekday)
    opening = OpeningRule(
        psychologist_id=change.psychologist_id,
        place=place,
        weekday=weekday,
        open_on_public_holidays=open_on_public_holidays,
        valid_from=valid_from,
        valid_before=valid_before,
        **asdict(hours),
    )
    _refuse_two_places(opening)
    opening.save()
    return _end(change, actor, "agenda.opening.added", opening.pk, at)


@transaction.atomic
def change_opening(
    *,
    actor: Actor,
    opening_id: int,
    hours: Hours,
    from_day: date,
    at: datetime,
    weekday: int | None = None,
    place_id: int | None = None,
    open_on_public_holidays: bool | None = None,
) -> Arranged:
    """End weekly hours on a day and start others in their place, to the same last day.

    The past keeps its hours. Refuses ``opening_over`` when they have ended by then.
    """
    change = _begin(actor, "change_opening", at)
    former = _rule(opening_id, change.psychologist_id)
    place = place_of(place_id or former.place_id, change.psychologist_id)
    _refuse_wrong(hours, place, from_day, None, at)
    weekday = former.weekday if weekday is None else weekday
    _refuse_no_weekday(weekday)
    always = former.open_on_public_holidays
    opening = OpeningRule(
        psychologist_id=change.psychologist_id,
        place=place,
        weekday=weekday,
        open_on_public_holidays=always
        if open_on_public_holidays is None
        else (open_on_public_holidays),
        valid_from=max(from_day, former.valid_from),
        valid_before=former.valid_before,
        **asdict(hours),
    )
    _stop(former, from_day)
    _refuse_two_places(opening)
    opening.save()
    return _end(change, actor, "agenda.opening.changed", opening.pk, at)


@transaction.atomic
def end_opening(*, actor: Actor, opening_id: int, from_day: date, at: datetime) -> Arranged:
    """Close weekly hours from a day on. Refuses ``opening_over`` when they have ended by then."""
    change = _begin(actor, "end_opening", at)
    former = _rule(opening_id, change.psychologist_id)
    _refuse_past(from_day, former.place, at)
    _stop(former, from_day)
    return _end(change, actor, "agenda.opening.ended", opening_id, at)


@transaction.atomic
def add_absence(
    *,
    actor: Actor,
    valid_from: date,
    valid_before: date,
    at: datetime,
    place_id: int | None = None,
) -> Arranged:
    """Be away from a day to before another, from one place or (None) from all."""
    change = _begin(actor, "add_absence", at)
    place = None if place_id is None else place_of(place_id, change.psychologist_id)
    if valid_before <= valid_from:
        raise Refusal("days_wrong", fields=("valid_from", "valid_before"))
    _refuse_past(valid_before - _DAY, place, at)
    absence = Absence.objects.create(
        psychologist_id=change.psychologist_id,
        place=place,
        valid_from=valid_from,
        valid_before=valid_before,
    )
    return _end(change, actor, "agenda.absence.added", absence.pk, at)


@transaction.atomic
def remove_absence(*, actor: Actor, absence_id: int, at: datetime) -> Arranged:
    """Be back: an absence to come is taken away, one that runs ends today."""
    change = _begin(actor, "remove_absence", at)
    absence = (
        Absence.objects.select_related("place")
        .filter(pk=absence_id, psychologist_id=change.psychologist_id)
        .first()
    )
    if absence is None:
        raise Refusal("not_found")
    _refuse_past(absence.valid_before - _DAY, absence.place, at)
    today = _today(absence.place, at)
    if absence.valid_from < today:
        absence.valid_before = today
        absence.save(update_fields=["valid_before"])
    else:
        absence.delete()
    return _end(change, actor, "agenda.absence.removed", absence_id, at)


@transaction.atomic
def open_once(*, actor: Actor, place_id: int, day: date, hours: Hours, at: datetime) -> Arranged:
    """Open on one day, public holiday or not, in place of the weekly hours of that place.

    Several on one day add up. Refuses ``openings_at_once``.
    """
    change = _begin(actor, "open_once", at)
    place = place_of(place_id, change.psychologist_id)
    _refuse_wrong(hours, place, day, None, at)
    opening = OpeningException(
        psychologist_id=change.psychologist_id, place=place, day=day, closed=False, **asdict(hours)
    )
    _refuse_two_places(opening)
    opening.save()
    return _end(change, actor, "agenda.exception.added", opening.pk, at)


@transaction.atomic
def close_once(
    *,
    actor: Actor,
    day: date,
    starts_at_minute: int,
    ends_at_minute: int,
    at: datetime,
    place_id: int | None = None,
) -> Arranged:
    """Close some hours of one day, at one place or (None) at all."""
    change = _begin(actor, "close_once", at)
    place = None if place_id is None else place_of(place_id, change.psychologist_id)
    if not 0 <= starts_at_minute < ends_at_minute <= MINUTES_IN_DAY:
        raise Refusal("hours_wrong", fields=("starts_at_minute", "ends_at_minute"))
    _refuse_past(day, place, at)
    closing = OpeningException.objects.create(
        psychologist_id=change.psychologist_id,
        place=place,
        day=day,
        starts_at_minute=starts_at_minute,
        ends_at_minute=ends_at_minute,
    )
    return _end(change, actor, "agenda.exception.added", closing.pk, at)


@transaction.atomic
def remove_exception(*, actor: Actor, exception_id: int, at: datetime) -> Arranged:
    """Take one day's opening or closing away: the weekly hours hold again."""
    change = _begin(actor, "remove_exception", at)
    exception = (
        OpeningException.objects.select_related("place")
        .filter(pk=exception_id, psychologist_id=change.psychologist_id)
        .first()
    )
    if exception is None:
        raise Refusal("not_found")
    _refuse_past(exception.day, exception.place, at)
    exception.delete()
    return _end(change, actor, "agenda.exception.removed", exception_id, at)


@transaction.atomic
def set_limits(*, actor: Actor, limits: Limits, at: datetime) -> Arranged:
    """How others may book: buffer, notice, horizon, what is kept for first sessions.

    Refuses ``limits_wrong`` with the field and its bounds.
    """
    change = _begin(actor, "set_limits", at)
    _refuse_wrong_limits(limits)
    row, _created = AgendaLimits.objects.update_or_create(
        psychologist_id=change.psychologist_id, defaults=limits._asdict()
    )
    return _end(change, actor, "agenda.limits.set", row.pk, at)


@dataclass(frozen=True, slots=True)
class _Change:
    """One change of an agenda, and what lay outside its hours before."""

    psychologist_id: int
    outside: frozenset[int]


def _begin(actor: Actor, step: str, at: datetime) -> _Change:
    """Allowed in one's own agenda only; other writers of this agenda wait."""
    allow(actor, step, relations(actor, psychologist_id=actor.psychologist_id))
    assert actor.psychologist_id is not None
    agenda.wait_for_writers(actor.psychologist_id)
    before = agenda.outside_hours(actor.psychologist_id, after=at)
    return _Change(actor.psychologist_id, frozenset(line.id for line in before))


def _end(change: _Change, actor: Actor, event: str, changed_id: int, at: datetime) -> Arranged:
    """The trace, and what the change newly leaves outside the hours."""
    after = agenda.outside_hours(change.psychologist_id, after=at)
    record(actor, event, at=at, object_id=changed_id)
    announce("agenda.hours.changed", at=at, psychologist=change.psychologist_id)
    return Arranged(changed_id, tuple(line for line in after if line.id not in change.outside))


def _rule(opening_id: int, psychologist_id: int) -> OpeningRule:
    rule = (
        OpeningRule.objects.select_related("place")
        .filter(pk=opening_id, psychologist_id=psychologist_id)
        .first()
    )
    if rule is None:
        raise Refusal("not_found")
    return rule


def _week_of(
    psychologist_id: int, week: Sequence[Weekly], valid_from: date, at: datetime
) -> list[OpeningRule]:
    """The hours of a week as rows not yet written, each of them possible by itself."""
    if len(week) > RANGES_MOST:
        raise Refusal("week_too_long", most=RANGES_MOST)
    places = {key: place_of(key, psychologist_id) for key in {one.place_id for one in week}}
    for one in week:
        _refuse_wrong(one.hours, places[one.place_id], valid_from, None, at)
        _refuse_no_weekday(one.weekday)
    return [
        OpeningRule(
            psychologist_id=psychologist_id,
            place=places[one.place_id],
            weekday=one.weekday,
            open_on_public_holidays=one.open_on_public_holidays,
            valid_from=valid_from,
            **asdict(one.hours),
        )
        for one in week
    ]


_HOURS_OF_A_RULE = (
    "place_id",
    "weekday",
    "starts_at_minute",
    "ends_at_minute",
    "appointment_minutes",
    "accepts",
    "modality",
    "open_on_public_holidays",
)


def _same_hours(one: OpeningRule, other: OpeningRule) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _HOURS_OF_A_RULE)


def _stop(rule: OpeningRule, from_day: date) -> None:
    """End weekly hours on a day; those that would never have been open go away."""
    if rule.valid_before is not None and rule.valid_before <= from_day:
        raise Refusal("opening_over", fields=("from_day",))
    if from_day <= rule.valid_from:
        rule.delete()
        return
    rule.valid_before = from_day
    rule.save(update_fields=["valid_before"])


def _today(place: PracticePlace | None, at: datetime) -> date:
    """The day at a place; of all places, the earliest day that any of ours may still have."""
    if place is not None:
        return gather.civil_day(at, place.time_zone)
    return gather.civil_day(at - agenda.WIDEST_ZONE, "UTC")


def _refuse_past(day: date, place: PracticePlace | None, at: datetime) -> None:
    if day < _today(place, at):
        raise Refusal("day_past", fields=("day",))


def _refuse_no_weekday(weekday: int) -> None:
    if weekday not in range(DAYS_IN_WEEK):
        raise Refusal("hours_wrong", fields=("weekday",))


def _refuse_wrong_limits(limits: Limits) -> None:
    for name, value, least, most in zip(Limits._fields, limits, _LEAST, _BOUNDS, strict=True):
        if not least <= value <= most:
            raise Refusal("limits_wrong", fields=(name,), least=least, most=most)


def _refuse_wrong(
    hours: Hours, place: PracticePlace, first: date, before: date | None, at: datetime
) -> None:
    """Hours that are none, or days that are over."""
    shortest, longest = _LENGTH
    lasts = hours.ends_at_minute - hours.starts_at_minute
    right = (
        0 <= hours.starts_at_minute < hours.ends_at_minute <= MINUTES_IN_DAY
        and shortest <= hours.appointment_minutes <= min(longest, lasts)
        and hours.accepts in _ACCEPTED
        and hours.modality in _WAYS
    )
    if not right:
        raise Refusal("hours_wrong", fields=("starts_at_minute", "ends_at_minute"))
    if before is not None and before <= first:
        raise Refusal("days_wrong", fields=("valid_from", "valid_before"))
    _refuse_past(first, place, at)


def _refuse_two_places(new: OpeningRule | OpeningException) -> None:
    """Nobody is at two places at once. Hours of one day replace the weekly ones of their place."""
    wanted = _as_opening(new)
    weekly, special = agenda.openings_of(
        new.psychologist_id, first=wanted.valid_from, before=wanted.valid_before
    )
    replaced = {(opening.place_id, opening.valid_from) for opening in special}
    if isinstance(new, OpeningException):
        weekly = [one for one in weekly if _holds_on(one, new.day, replaced)]
    else:
        own_days = {day for place_id, day in replaced if place_id == wanted.place_id}
        special = [one for one in special if one.valid_from not in own_days]
    elsewhere = [*weekly, *special]
    days = [
        day
        for other in elsewhere
        if other.place_id != wanted.place_id and (day := at_once(wanted, other)) is not None
    ]
    if days:
        raise Refusal("openings_at_once", day=min(days), fields=("starts_at_minute",))


def _refuse_week_at_two_places(psychologist_id: int, valid_from: date) -> None:
    """The same of a whole week just written, against itself and the days that differ."""
    weekly, special = agenda.openings_of(psychologist_id, first=valid_from, before=None)
    own_days = {(opening.place_id, opening.valid_from) for opening in special}
    pairs = [
        *combinations(weekly, 2),
        *(
            (one, other)
            for one in weekly
            for other in special
            if (one.place_id, other.valid_from) not in own_days
        ),
    ]
    days = [
        day
        for one, other in pairs
        if one.place_id != other.place_id
        # Clocks differ by less than a day.
        and (one.weekday - other.weekday) % DAYS_IN_WEEK in (0, 1, DAYS_IN_WEEK - 1)
        and (day := at_once(one, other)) is not None
    ]
    if days:
        raise Refusal("openings_at_once", day=min(days), fields=("starts_at_minute",))


def _holds_on(opening: Opening, day: date, replaced: Collection[tuple[int, date]]) -> bool:
    """Whether weekly hours are open on a day: no public holiday, no hours of its own there."""
    if (opening.place_id, day) in replaced:
        return False
    holidays = public_holidays(opening.department, day.year)
    return opening.open_on_public_holidays or day.toordinal() not in holidays


def _as_opening(new: OpeningRule | OpeningException) -> Opening:
    """Hours not yet written, as the agenda reads them."""
    place = new.place
    assert place is not None
    before: date | None
    if isinstance(new, OpeningException):
        weekday, first = new.day.weekday(), new.day
        before = None if first == date.max else first + _DAY
    else:
        weekday, first, before = new.weekday, new.valid_from, new.valid_before
    return Opening(
        place_id=place.pk,
        starts_at_minute=new.starts_at_minute,
        ends_at_minute=new.ends_at_minute,
        appointment_minutes=new.appointment_minutes,
        accepts=new.accepts,
        modality=new.modality,
        time_zone=place.time_zone,
        department=department_of(place.insee),
        weekday=weekday,
        open_on_public_holidays=True,
        valid_from=first,
        valid_before=before,
    )
