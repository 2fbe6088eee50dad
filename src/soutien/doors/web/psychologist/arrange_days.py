"""Days that differ from the week: away for some days, open once, closed for some hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.doors.web.psychologist.arrange_hours import (
    ACCEPTS,
    BOTH,
    MINUTES_USUAL,
    MODALITIES,
    ClockField,
    ComingDayField,
    from_today,
    minutes_field,
    place_name,
)
from soutien.registers.agenda.free import MINUTES_IN_DAY
from soutien.registers.psychologists.models import PracticePlace

ONE_DAY = timedelta(days=1)
OPEN, CLOSED = "open", "closed"


def _places(places: Sequence[PracticePlace]) -> list[tuple[str, str]]:
    return [(str(place.pk), place_name(place)) for place in places]


class AbsenceForm(forms.Form):
    """Whole days away. No reason is asked: nobody needs one."""

    first_day = ComingDayField(
        label=gettext_lazy("Premier jour"),
        required_words=gettext_lazy("Indiquez le premier jour."),
    )
    last_day = ComingDayField(
        label=gettext_lazy("Dernier jour"),
        required_words=gettext_lazy("Indiquez le dernier jour."),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        places: Sequence[PracticePlace],
        today: date,
        **more: Any,
    ) -> None:
        super().__init__(data, prefix="away", **more)
        from_today(self, today)
        if len(places) > 1:
            self.fields["place"] = forms.ChoiceField(
                label=_("Lieu"),
                choices=[("", _("partout")), *_places(places)],
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        first, last = told.get("first_day"), told.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("Le dernier jour vient avant le premier."))
        return told

    @property
    def place_id(self) -> int | None:
        """The place left, None for all of them."""
        told = self.cleaned_data.get("place")
        return int(told) if told else None


class OnceForm(forms.Form):
    """One day at other hours than every week: open, or closed for some hours."""

    what = forms.ChoiceField(
        label=gettext_lazy("Ce jour-là"),
        widget=forms.RadioSelect,
        initial=OPEN,
        choices=[
            (OPEN, gettext_lazy("j’ouvre ces heures")),
            (CLOSED, gettext_lazy("je ferme ces heures")),
        ],
        error_messages={"required": gettext_lazy("Dites si vous ouvrez ou si vous fermez.")},
    )
    day = ComingDayField(
        label=gettext_lazy("Jour"), required_words=gettext_lazy("Indiquez le jour.")
    )
    starts = ClockField(
        label=gettext_lazy("De"),
        error_messages={"required": gettext_lazy("Il manque l’heure de début.")},
    )
    ends = ClockField(
        label=gettext_lazy("À"),
        error_messages={"required": gettext_lazy("Il manque l’heure de fin.")},
    )
    modality = forms.ChoiceField(
        label=gettext_lazy("Vous recevez"), choices=MODALITIES, initial=BOTH
    )
    accepts = forms.ChoiceField(label=gettext_lazy("Vous ouvrez à"), choices=ACCEPTS, initial=BOTH)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        places: Sequence[PracticePlace],
        today: date,
        **more: Any,
    ) -> None:
        super().__init__(data, prefix="once", **more)
        self.places = places
        from_today(self, today)
        self.fields["minutes"] = minutes_field(
            label=_("Un rendez-vous dure (minutes)"), initial=MINUTES_USUAL
        )
        if len(places) > 1:
            self.fields["place"] = forms.ChoiceField(label=_("Lieu"), choices=_places(places))

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        starts, ends = told.get("starts"), told.get("ends")
        if starts is None or ends is None:
            return told
        told["ends"] = ends = ends or MINUTES_IN_DAY
        minutes = told.get("minutes")
        if ends <= starts:
            self.add_error("ends", _("La fin vient après le début."))
        elif told.get("what") == OPEN and minutes and ends - starts < minutes:
            self.add_error("ends", _("Un rendez-vous n’y tient pas."))
        return told

    @property
    def place_id(self) -> int:
        return int(self.cleaned_data.get("place") or self.places[0].pk)
