"""The week of a psychologist as one plain form: hours by day, and how others may book them.

Monday is written once; any other day may be « comme lundi ». What is the same all week stands
once on top; a range may differ. Everything is read back from the rows the form once made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.forms import BoundField
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from soutien.doors.web.psychologist.forms import DayInput
from soutien.doors.web.psychologist.words import EVALUATION, FOLLOW_UP, IN_PERSON, REMOTE
from soutien.registers.agenda.free import DAYS_IN_WEEK, MINUTES_IN_DAY, MINUTES_IN_HOUR, Limits
from soutien.registers.agenda.models import OpeningRule
from soutien.registers.psychologists.models import PracticePlace
from soutien.steps.arrange import Hours, Weekly

MONDAY = 0
# A morning and an afternoon; an agenda that came from elsewhere may have more.
RANGES_USUAL, RANGES_MAX = 2, 6
BOTH = "both"
MINUTES_MIN, MINUTES_MAX, MINUTES_USUAL = 15, 240, 60
# What stands in the form of somebody who has no week yet: most say yes, or change little.
PROPOSED = (
    (9 * MINUTES_IN_HOUR, 12 * MINUTES_IN_HOUR),
    (14 * MINUTES_IN_HOUR, 18 * MINUTES_IN_HOUR),
)
PROPOSED_DAYS = 5
# Beyond two years, a day told can only be a slip.
FURTHEST_DAY = timedelta(days=731)
# A month as people count one ahead.
DAYS_IN_MONTH = 30
COMMON = ("minutes", "modality", "accepts", "place")
_CLOCK = re.compile(r"([0-9]{1,2})\s*(?:[h:.]\s*([0-9]{2})?(?:[:.][0-9]{2})?)?")

MODALITIES = [
    (BOTH, gettext_lazy("au cabinet ou en visio")),
    (IN_PERSON, gettext_lazy("au cabinet")),
    (REMOTE, gettext_lazy("en visio")),
]
ACCEPTS = [
    (BOTH, gettext_lazy("premières séances et suivis")),
    (EVALUATION, gettext_lazy("premières séances seulement")),
    (FOLLOW_UP, gettext_lazy("suivis seulement")),
]


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Hours open every week at a place; minutes after midnight, on the clock of the place."""

    place_id: int
    weekday: int
    starts_at_minute: int
    ends_at_minute: int
    appointment_minutes: int
    accepts: str
    modality: str
    open_on_public_holidays: bool

    @property
    def as_weekly(self) -> Weekly:
        """The same for the step."""
        hours = Hours(
            self.starts_at_minute,
            self.ends_at_minute,
            self.appointment_minutes,
            self.accepts,
            self.modality,
        )
        return Weekly(self.place_id, self.weekday, hours, self.open_on_public_holidays)

    @classmethod
    def of(cls, rule: OpeningRule) -> WeeklyHours:
        """Those of a row."""
        return cls(**{name: getattr(rule, name) for name in cls.__slots__})


def read_clock(text: str) -> int:
    """Minutes after midnight of « 9:00 », « 9h », « 9h30 », « 14 ». Raises ValueError."""
    found = _CLOCK.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(text)
    minute = int(found[1]) * MINUTES_IN_HOUR + int(found[2] or 0)
    if int(found[2] or 0) >= MINUTES_IN_HOUR or minute > MINUTES_IN_DAY:
        raise ValueError(text)
    return minute


def clock_text(minute: int) -> str:
    """« 09:30 », as a time field writes it; midnight at the end of a day is « 00:00 »."""
    return f"{minute // MINUTES_IN_HOUR % 24:02}:{minute % MINUTES_IN_HOUR:02}"


class ComingDayField(forms.DateField):
    """A day from ``today`` (told later) on, not so far that it can only be a slip."""

    widget = DayInput

    def __init__(self, *, required_words: Any, **more: Any) -> None:
        words = {
            "required": required_words,
            "invalid": gettext_lazy("Ce jour n’existe pas. Par exemple 2026-12-07."),
        }
        super().__init__(error_messages=words, **more)
        self.today: date | None = None

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is None or self.today is None:
            return day
        if day < self.today:
            raise forms.ValidationError(
                _("Ce jour est passé. Choisissez aujourd’hui ou plus tard."), "past"
            )
        if day > self.today + FURTHEST_DAY:
            raise forms.ValidationError(_("Ce jour est trop loin : vérifiez l’année."), "far")
        return day


def from_today(form: forms.Form, today: date) -> None:
    """Tell the days of a form what day it is: only doors know."""
    for field in form.fields.values():
        if isinstance(field, ComingDayField):
            field.today = today


class ClockInput(forms.TextInput):
    """The browser's own field of a time of day."""

    input_type = "time"


class ClockField(forms.Field):
    """A time of day, in minutes after midnight."""

    widget = ClockInput

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        try:
            return read_clock(str(value))
        except ValueError:
            raise forms.ValidationError(
                _("Écrivez une heure comme 9:30 ou 14:00."), "invalid"
            ) from None

    def prepare_value(self, value: Any) -> Any:
        return clock_text(value) if isinstance(value, int) else value


def minutes_field(**more: Any) -> forms.IntegerField:
    """How long an appointment lasts."""
    told = _("De %(least)s à %(most)s minutes.") % {"least": MINUTES_MIN, "most": MINUTES_MAX}
    return forms.IntegerField(
        min_value=MINUTES_MIN,
        max_value=MINUTES_MAX,
        error_messages={
            "invalid": _("Indiquez un nombre de minutes."),
            "required": _("Indiquez un nombre de minutes."),
            "min_value": told,
            "max_value": told,
        },
        **more,
    )


@dataclass(frozen=True, slots=True)
class RangeRow:
    """One range of a day as its fields; the last four may stay empty: as for the whole week."""

    starts: BoundField
    ends: BoundField
    minutes: BoundField
    modality: BoundField
    accepts: BoundField
    place: BoundField | None

    @property
    def differs(self) -> bool:
        """Whether something of it is said otherwise than for the whole week."""
        own = (self.minutes, self.modality, self.accepts, self.place)
        return any(field is not None and field.value() for field in own)

    @property
    def in_words(self) -> str:
        """What is said otherwise than for the whole week: « 45 min, en visio »."""
        said = [_("%(n)s min") % {"n": self.minutes.value()}] if self.minutes.value() else []
        for field in (self.modality, self.accepts, self.place):
            if field is not None and field.value():
                assert isinstance(field.field, forms.ChoiceField)
                choices = cast("Iterable[tuple[object, object]]", field.field.choices)
                names = {str(value): str(name) for value, name in choices}
                said.append(names.get(str(field.value()), str(field.value())))
        return ", ".join(said)

    @property
    def wrong(self) -> bool:
        own = (self.starts, self.ends, self.minutes, self.modality, self.accepts, self.place)
        return any(field is not None and field.errors for field in own)


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of the week as its fields. Monday is like itself: nothing to tick."""

    weekday: int
    name: str
    like_monday: BoundField | None
    ranges: tuple[RangeRow, ...]

    @property
    def wrong(self) -> bool:
        return any(row.wrong for row in self.ranges)


class WeekForm(forms.Form):
    """All of a week. ``openings`` and ``limits`` are there after ``is_valid``."""

    valid_from = ComingDayField(
        label=gettext_lazy("Cette semaine vaut à partir du"),
        required_words=gettext_lazy("Dites à partir de quel jour."),
    )
    modality = forms.ChoiceField(label=gettext_lazy("Vous recevez"), choices=MODALITIES)
    accepts = forms.ChoiceField(label=gettext_lazy("Vous ouvrez à"), choices=ACCEPTS)
    open_on_public_holidays = forms.BooleanField(
        label=gettext_lazy("Je reçois aussi les jours fériés"), required=False
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        places: Sequence[PracticePlace],
        today: date,
        ranges: int = RANGES_USUAL,
        **more: Any,
    ) -> None:
        """``ranges`` is how many ranges a day shows."""
        super().__init__(data, **more)
        self.places = places
        from_today(self, today)
        if data is not None:
            told = str(data.get("ranges", ""))
            ranges = int(told) if told.isdecimal() and told.isascii() else RANGES_USUAL
        self.ranges = min(max(ranges, RANGES_USUAL), RANGES_MAX)
        self.fields["minutes"] = minutes_field(label=_("Un rendez-vous dure (minutes)"))
        if len(places) > 1:
            self.fields["place"] = forms.ChoiceField(
                label=_("Lieu"), choices=[(str(place.pk), place_name(place)) for place in places]
            )
        for weekday in range(DAYS_IN_WEEK):
            self._add_day(weekday)

    def _add_day(self, weekday: int) -> None:
        if weekday != MONDAY:
            self.fields[f"like_{weekday}"] = forms.BooleanField(
                label=_("comme lundi"), required=False
            )
        as_above = [("", _("comme en haut"))]
        for number in range(self.ranges):
            self.fields[f"starts_{weekday}_{number}"] = ClockField(label=_("de"), required=False)
            self.fields[f"ends_{weekday}_{number}"] = ClockField(label=_("à"), required=False)
            self.fields[f"minutes_{weekday}_{number}"] = minutes_field(
                label=_("Durée (minutes)"), required=False
            )
            self.fields[f"modality_{weekday}_{number}"] = forms.ChoiceField(
                label=_("Vous recevez"), choices=[*as_above, *MODALITIES], required=False
            )
            self.fields[f"accepts_{weekday}_{number}"] = forms.ChoiceField(
                label=_("Vous ouvrez à"), choices=[*as_above, *ACCEPTS], required=False
            )
            if len(self.places) > 1:
                self.fields[f"place_{weekday}_{number}"] = forms.ChoiceField(
                    label=_("Lieu"),
                    choices=as_above
                    + [(str(place.pk), place_name(place)) for place in self.places],
                    required=False,
                )

    @property
    def days(self) -> list[DayRow]:
        """The rows of the week, for the template."""
        return [
            DayRow(
                weekday,
                str(WEEKDAYS[weekday]),
                self[f"like_{weekday}"] if weekday != MONDAY else None,
                tuple(self._row(weekday, number) for number in range(self.ranges)),
            )
            for weekday in range(DAYS_IN_WEEK)
        ]

    def _row(self, weekday: int, number: int) -> RangeRow:
        tail = f"_{weekday}_{number}"
        return RangeRow(
            self["starts" + tail],
            self["ends" + tail],
            self["minutes" + tail],
            self["modality" + tail],
            self["accepts" + tail],
            self["place" + tail] if len(self.places) > 1 else None,
        )

    def clean(self) -> dict[str, Any]:
        """Each range has both ends, in order, fits an appointment, and shares no minute."""
        for weekday in self._days_written():
            for number in range(self.ranges):
                self._check_range(weekday, number)
            self._check_day(weekday)
        return self.cleaned_data

    def _days_written(self) -> list[int]:
        """The days with hours of their own: the others are like Monday."""
        told = self.cleaned_data
        return [day for day in range(DAYS_IN_WEEK) if not told.get(f"like_{day}")]

    def _check_range(self, weekday: int, number: int) -> None:
        starts_name, ends_name = f"starts_{weekday}_{number}", f"ends_{weekday}_{number}"
        if {starts_name, ends_name} & set(self.errors):
            return
        starts, ends = self.cleaned_data.get(starts_name), self._ends(weekday, number)
        if starts is None and ends is None:
            return
        day = capfirst(str(WEEKDAYS[weekday]))
        minutes = self._said(weekday, number, "minutes")
        if starts is None:
            self.add_error(starts_name, _("%(day)s : il manque l’heure de début.") % {"day": day})
        elif ends is None:
            self.add_error(ends_name, _("%(day)s : il manque l’heure de fin.") % {"day": day})
        elif ends <= starts:
            self.add_error(ends_name, _("%(day)s : la fin vient après le début.") % {"day": day})
        elif isinstance(minutes, int) and ends - starts < minutes:
            text = ngettext(
                "%(day)s : un rendez-vous de %(n)s minute n’y tient pas.",
                "%(day)s : un rendez-vous de %(n)s minutes n’y tient pas.",
                minutes,
            )
            self.add_error(ends_name, text % {"day": day, "n": minutes})

    def _check_day(self, weekday: int) -> None:
        """Two ranges of one day share no minute: nobody is in two places."""
        written = sorted(self._written(weekday))
        for (_starts, ends, _number), (starts, _ends, number) in zip(
            written, written[1:], strict=False
        ):
            if starts < ends:
                day = capfirst(str(WEEKDAYS[weekday]))
                text = _("%(day)s : ces deux plages se chevauchent.") % {"day": day}
                self.add_error(f"starts_{weekday}_{number}", text)

    def _ends(self, weekday: int, number: int) -> int | None:
        """The end of a range; midnight is the end of the day."""
        ends: int | None = self.cleaned_data.get(f"ends_{weekday}_{number}")
        return MINUTES_IN_DAY if ends == 0 else ends

    def _written(self, weekday: int) -> Iterable[tuple[int, int, int]]:
        """Start, end and number of the ranges of a day that have both ends."""
        for number in range(self.ranges):
            starts = self.cleaned_data.get(f"starts_{weekday}_{number}")
            ends = self._ends(weekday, number)
            if starts is not None and ends is not None:
                yield starts, ends, number

    def _said(self, weekday: int, number: int, name: str) -> Any:
        """What a range says of itself, else what the whole week says."""
        own = self.cleaned_data.get(f"{name}_{weekday}_{number}")
        return own or self.cleaned_data.get(name)

    def hours(self) -> tuple[WeeklyHours, ...]:
        """The hours of the week, Monday's copied where they are asked for."""
        told = self.cleaned_data
        only_place = self.places[0].pk
        return tuple(
            WeeklyHours(
                int(self._said(source, number, "place") or only_place),
                weekday,
                starts,
                ends,
                int(self._said(source, number, "minutes")),
                str(self._said(source, number, "accepts")),
                str(self._said(source, number, "modality")),
                bool(told["open_on_public_holidays"]),
            )
            for weekday in range(DAYS_IN_WEEK)
            for source in [MONDAY if told.get(f"like_{weekday}") else weekday]
            for starts, ends, number in self._written(source)
        )


def place_name(place: PracticePlace) -> str:
    """What a psychologist calls a place."""
    return place.label or f"{place.address_line}, {place.town_name}"


def as_initial(week: Sequence[WeeklyHours], valid_from: date) -> dict[str, Any]:
    """A week as the form shows it; what most hours have in common stands on top."""
    told: dict[str, Any] = {"valid_from": valid_from}
    if not week:
        told |= {"minutes": MINUTES_USUAL, "modality": BOTH, "accepts": BOTH}
        for number, (starts, ends) in enumerate(PROPOSED):
            told |= {f"starts_0_{number}": starts, f"ends_0_{number}": ends}
        return told | {f"like_{day}": True for day in range(1, PROPOSED_DAYS)}
    common = {
        "minutes": _most([hours.appointment_minutes for hours in week]),
        "modality": _most([hours.modality for hours in week]),
        "accepts": _most([hours.accepts for hours in week]),
        "place": str(_most([hours.place_id for hours in week])),
    }
    told |= common
    told["open_on_public_holidays"] = any(hours.open_on_public_holidays for hours in week)
    by_day = days_of_week(week)
    for weekday, of_day in enumerate(by_day):
        if weekday != MONDAY and of_day and _alike(of_day, by_day[MONDAY]):
            told[f"like_{weekday}"] = True
            continue
        for number, hours in enumerate(of_day):
            own = {
                "minutes": hours.appointment_minutes,
                "modality": hours.modality,
                "accepts": hours.accepts,
                "place": str(hours.place_id),
            }
            tail = f"_{weekday}_{number}"
            told |= {"starts" + tail: hours.starts_at_minute, "ends" + tail: hours.ends_at_minute}
            told |= {name + tail: own[name] for name in COMMON if own[name] != common[name]}
    return told


def days_of_week(week: Sequence[WeeklyHours]) -> list[list[WeeklyHours]]:
    """The hours of each day, in order of their start."""
    ordered = sorted(week, key=lambda hours: hours.starts_at_minute)
    return [
        [hours for hours in ordered if hours.weekday == weekday] for weekday in range(DAYS_IN_WEEK)
    ]


def _alike(one: Sequence[WeeklyHours], other: Sequence[WeeklyHours]) -> bool:
    return [replace(hours, weekday=MONDAY) for hours in one] == list(other)


def _most(values: Sequence[Any]) -> Any:
    """The commonest of some values, the first of several."""
    return max(dict.fromkeys(values), key=values.count)


def _days(number: int) -> str:
    return ngettext("%(n)s jour", "%(n)s jours", number) % {"n": number}


def _buffer(minutes: int) -> str:
    if not minutes:
        return _("aucune pause")
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def _notice(hours: int) -> str:
    days, rest = divmod(hours, 24)
    if hours == 0:
        return _("jusqu’au dernier moment")
    if days and not rest:
        return _("au plus tard %(span)s avant") % {"span": _days(days)}
    text = ngettext("%(n)s heure", "%(n)s heures", hours) % {"n": hours}
    return _("au plus tard %(span)s avant") % {"span": text}


def _horizon(days: int) -> str:
    if days % DAYS_IN_MONTH == 0:
        months = days // DAYS_IN_MONTH
        return ngettext("%(n)s mois", "%(n)s mois", months) % {"n": months}
    weeks, rest = divmod(days, DAYS_IN_WEEK)
    if rest:
        return _days(days)
    return ngettext("%(n)s semaine", "%(n)s semaines", weeks) % {"n": weeks}


def _kept(number: int) -> str:
    if not number:
        return _("aucune")
    return ngettext("%(n)s heure par semaine", "%(n)s heures par semaine", number) % {"n": number}


def _kept_until(days: int) -> str:
    if not days:
        return _("jusqu’au lundi de la semaine")
    return _("jusqu’à %(span)s avant le lundi") % {"span": _days(days)}


class LimitsForm(forms.Form):
    """How others may book: choices of everyday, and whatever the agenda already says."""

    CHOICES = {
        "buffer_minutes": (_buffer, (0, 5, 10, 15, 30)),
        "notice_hours": (_notice, (0, 2, 6, 12, 24, 48, 72, 168)),
        "horizon_days": (_horizon, (28, 56, 90, 180, 360)),
        "first_sessions_kept": (_kept, (0, 1, 2, 3, 4, 5, 6, 8, 10)),
        "kept_until_days": (_kept_until, (0, 1, 2, 3, 5, 7, 14)),
    }

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, limits: Limits, **more: Any
    ) -> None:
        super().__init__(data, initial=limits._asdict(), **more)
        labels = {
            "buffer_minutes": _("Pause après chaque rendez-vous"),
            "notice_hours": _("On réserve"),
            "horizon_days": _("On réserve jusqu’à"),
            "first_sessions_kept": _("Gardées pour les premières séances"),
            "kept_until_days": _("Et gardées"),
        }
        hints = {
            "horizon_days": _("à l’avance"),
            "first_sessions_kept": _("Personne ne peut les prendre pour un suivi, sauf vous."),
            "kept_until_days": _("Ensuite, ces heures sont ouvertes aux suivis aussi."),
        }
        for name, (in_words, values) in self.CHOICES.items():
            present: int = getattr(limits, name)
            self.fields[name] = forms.TypedChoiceField(
                label=labels[name],
                help_text=hints.get(name, ""),
                choices=[(value, in_words(value)) for value in sorted({*values, present})],
                coerce=int,
            )

    def limits(self) -> Limits:
        """Only after ``is_valid``."""
        return Limits(**{name: self.cleaned_data[name] for name in self.CHOICES})
