"""What a person asks of a plan: a day of the week and an hour, how many, how often, how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from soutien.doors.web.components.days import local
from soutien.doors.web.person.words import IN_PERSON, REMOTE
from soutien.steps.find import Card, Slot

DAYS_IN_WEEK = 7
# Beyond two years, a day asked for can only be a slip.
FURTHEST_DAY = timedelta(days=731)
MINUTES_IN_HOUR = 60
EVERY_WEEK, EVERY_OTHER_WEEK = "1", "2"


@dataclass(frozen=True, slots=True, order=True)
class WeeklyHour:
    """An hour of the week at a place; minutes after midnight on the clock of the place."""

    weekday: int
    minute: int
    place_id: int

    @property
    def text(self) -> str:
        """As the address of the page holds it."""
        return f"{self.weekday}-{self.minute}-{self.place_id}"

    @property
    def clock(self) -> str:
        return f"{self.minute // MINUTES_IN_HOUR:02}:{self.minute % MINUTES_IN_HOUR:02}"


@dataclass(frozen=True, slots=True)
class FreeHours:
    """The hours of the week at which somebody is free in the coming weeks, and how often."""

    times: Mapping[WeeklyHour, int]
    days: Mapping[WeeklyHour, Sequence[date]]
    by_video: bool

    @classmethod
    def of(cls, slots: Iterable[Slot]) -> FreeHours:
        """From the free times themselves."""
        times: dict[WeeklyHour, int] = {}
        days: dict[WeeklyHour, list[date]] = {}
        by_video = False
        for slot in slots:
            hour, day = hour_of(slot.starts_at, slot.time_zone, slot.place_id)
            times[hour] = times.get(hour, 0) + 1
            days.setdefault(hour, []).append(day)
            by_video = by_video or slot.modality != IN_PERSON
        return cls(times, days, by_video)

    def first_day(self, hour: WeeklyHour, since: date) -> date:
        """The first day to propose: one that is free at this hour, else the next of its name."""
        free = [day for day in self.days.get(hour, ()) if day >= since]
        if free:
            return min(free)
        return since + timedelta(days=(hour.weekday - since.weekday()) % DAYS_IN_WEEK)


def hour_of(starts_at: datetime, time_zone: str, place_id: int) -> tuple[WeeklyHour, date]:
    """The hour of the week of a moment, and its day, at a place."""
    wall = local(starts_at, time_zone)
    minute = wall.hour * MINUTES_IN_HOUR + wall.minute
    return WeeklyHour(wall.weekday(), minute, place_id), wall.date()


class PlanForm(forms.Form):
    """The question, in the address of the page: it may be asked again."""

    depuis = forms.DateField(
        label=gettext_lazy("À partir du"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "invalid": gettext_lazy("Ce jour n’existe pas. Par exemple 2026-12-07."),
        },
    )
    rythme = forms.ChoiceField(
        label=gettext_lazy("Tous les combien"),
        choices=[
            (EVERY_WEEK, gettext_lazy("chaque semaine")),
            (EVERY_OTHER_WEEK, gettext_lazy("toutes les deux semaines")),
        ],
        initial=EVERY_WEEK,
        required=False,
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        free: FreeHours,
        places: Sequence[Card],
        sessions_max: int,
        today: date,
        **more: Any,
    ) -> None:
        """``sessions_max`` is what the law gives a year."""
        super().__init__(data, **more)
        self.today = today
        self.fields["heure"] = forms.ChoiceField(
            label=_("Votre jour et votre heure"),
            choices=_hours(free, places),
            error_messages={
                "required": _("Choisissez un jour et une heure."),
                "invalid_choice": _("Cette heure n’est plus libre. Choisissez-en une autre."),
            },
        )
        self.fields["nombre"] = forms.TypedChoiceField(
            label=_("Combien de séances"),
            coerce=int,
            empty_value=None,
            required=False,
            choices=[
                ("", _("toutes celles qui vous restent")),
                *((number, str(number)) for number in range(1, sessions_max + 1)),
            ],
        )
        if free.by_video:
            self.fields["comment"] = forms.ChoiceField(
                label=_("Les séances de suivi"),
                help_text=_("La première séance, elle, a toujours lieu au cabinet."),
                widget=forms.RadioSelect,
                choices=[(IN_PERSON, _("au cabinet")), (REMOTE, _("en visio"))],
                initial=IN_PERSON,
                required=False,
            )
        self.order_fields(["heure", "nombre", "rythme", "comment", "depuis"])

    def clean_depuis(self) -> date | None:
        """A day that is past means now; one very far ahead is a slip."""
        told: date | None = self.cleaned_data["depuis"]
        if told and told > self.today + FURTHEST_DAY:
            raise forms.ValidationError(_("Ce jour est trop loin : vérifiez l’année."), "far")
        return told

    @property
    def hour(self) -> WeeklyHour:
        """Only after ``is_valid``."""
        return WeeklyHour(*map(int, self.cleaned_data["heure"].split("-")))

    @property
    def modality(self) -> str:
        return str(self.cleaned_data.get("comment") or IN_PERSON)

    @property
    def weeks_apart(self) -> int:
        return int(self.cleaned_data.get("rythme") or EVERY_WEEK)

    @property
    def number(self) -> int | None:
        """How many sessions; None for all that are left."""
        told: int | None = self.cleaned_data.get("nombre")
        return told

    def starting(self) -> date:
        """From when: today at the earliest."""
        return max(self.cleaned_data.get("depuis") or self.today, self.today)


def _hours(free: FreeHours, places: Sequence[Card]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The hours to choose from, by day of the week."""
    labels = {place.place_id: place.place_label or place.town_name for place in places}
    groups = []
    for weekday in range(DAYS_IN_WEEK):
        hours = sorted(hour for hour in free.times if hour.weekday == weekday)
        choices = []
        for hour in hours:
            dates = ngettext("%(n)s date libre", "%(n)s dates libres", free.times[hour]) % {
                "n": free.times[hour]
            }
            parts = [f"{WEEKDAYS[weekday]} {hour.clock}"]
            if len(labels) > 1:
                parts.append(labels.get(hour.place_id, ""))
            choices.append((hour.text, " · ".join([*parts, dates])))
        if choices:
            groups.append((str(WEEKDAYS[weekday]), choices))
    return groups
