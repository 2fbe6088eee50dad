"""What a search asks, read from the address so that it can be shared.

The place, the name and the wishes are people's own words or ticks. What an address holds beside
(a meddled choice, a day that is none) is left aside and said, never a reason to show nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.doors.web.components.places import PlaceField
from soutien.doors.web.public.forms import DayInput
from soutien.steps.find import HORIZON, Wishes

RADII_KM = (5, 10, 25, 50, 100)
USUAL_RADIUS_KM = 10
LONGEST_NAME = 80
# A thousandth of a degree is about a hundred metres: a street corner, not a door.
POSITION_DIGITS = 3
_POSITION = re.compile(r"(-?\d{1,2}(?:\.\d{1,12})?),(-?\d{1,3}(?:\.\d{1,12})?)", re.ASCII)
_NORTH, _EAST = 90, 180

LANGUAGES: Mapping[str, Any] = {
    "ar": gettext_lazy("arabe"),
    "de": gettext_lazy("allemand"),
    "en": gettext_lazy("anglais"),
    "es": gettext_lazy("espagnol"),
    "fr": gettext_lazy("français"),
    "it": gettext_lazy("italien"),
    "lsf": gettext_lazy("langue des signes"),
    "fsl": gettext_lazy("langue des signes"),
    "pl": gettext_lazy("polonais"),
    "pt": gettext_lazy("portugais"),
    "ro": gettext_lazy("roumain"),
    "ru": gettext_lazy("russe"),
    "tr": gettext_lazy("turc"),
    "uk": gettext_lazy("ukrainien"),
    "zh": gettext_lazy("chinois"),
}
# The same language under another code.
ALSO_WRITTEN = {"lsf": ("lsf", "fsl")}
PARTS_OF_DAY: Mapping[str, Any] = {
    "morning": gettext_lazy("le matin"),
    "afternoon": gettext_lazy("l’après-midi"),
    "evening": gettext_lazy("le soir, dès 18 h"),
    "saturday": gettext_lazy("le samedi"),
}


# What may leave somebody out; the rest says where to look and which times to show.
FILTERS = ("public", "language", "follow_ups", "step_free", "third_party")


class SearchForm(forms.Form):
    """Where or who, and what matters."""

    place = PlaceField(required=False, help_text=gettext_lazy("Ville, code postal, département."))
    near = forms.CharField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("Ou un nom de psychologue"),
        required=False,
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "max_length": gettext_lazy("C’est un peu long : un nom et un prénom suffisent.")
        },
    )
    radius = forms.TypedChoiceField(
        label=gettext_lazy("Jusqu’à"),
        coerce=int,
        initial=USUAL_RADIUS_KM,
        required=False,
        choices=[(km, f"{km} km") for km in RADII_KM],
    )
    order = forms.ChoiceField(
        label=gettext_lazy("Trier par"),
        required=False,
        choices=[
            ("distance", gettext_lazy("le plus proche")),
            ("earliest", gettext_lazy("le plus tôt")),
        ],
    )
    public = forms.ChoiceField(
        label=gettext_lazy("Pour"),
        required=False,
        choices=[
            ("", gettext_lazy("tout le monde")),
            ("adult", gettext_lazy("un adulte")),
            ("teenager", gettext_lazy("un adolescent")),
            ("child", gettext_lazy("un enfant")),
        ],
    )
    follow_ups = forms.ChoiceField(
        label=gettext_lazy("Pour la suite"),
        required=False,
        choices=[
            ("", gettext_lazy("peu importe")),
            ("in_person", gettext_lazy("au cabinet")),
            ("video", gettext_lazy("en visio")),
        ],
    )
    language = forms.ChoiceField(
        label=gettext_lazy("En quelle langue"),
        required=False,
        choices=[
            ("", gettext_lazy("peu importe")),
            *((code, name) for code, name in LANGUAGES.items() if code not in {"fr", "fsl"}),
        ],
    )
    when = forms.MultipleChoiceField(
        label=gettext_lazy("Quand cela vous arrange (un seul suffit)"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=list(PARTS_OF_DAY.items()),
    )
    since = forms.DateField(label=gettext_lazy("À partir du"), required=False, widget=DayInput)
    step_free = forms.BooleanField(label=gettext_lazy("Accès de plain-pied"), required=False)
    third_party = forms.BooleanField(
        label=gettext_lazy("Sans avancer la part de la mutuelle"), required=False
    )
    full_too = forms.BooleanField(
        label=gettext_lazy("Montrer aussi qui n’a plus de place"), required=False
    )

    def clean(self) -> dict[str, Any]:
        """Something to look for is needed: a place, a position or a name."""
        told = super().clean() or {}
        if not self.errors and not any(told.get(key) for key in ("place", "near", "name")):
            self.add_error("place", _("Indiquez une ville ou un code postal."))
        return told

    def radius_km(self) -> int:
        """How far to look. Only after ``is_valid``."""
        return int(self.cleaned_data["radius"] or USUAL_RADIUS_KM)

    def position(self) -> tuple[float, float] | None:
        """The position shared, to about a hundred metres. Only after ``is_valid``."""
        return position_of(self.cleaned_data["near"])

    def wishes(self) -> Wishes:
        """The filters for the step. Only after ``is_valid``."""
        told = self.cleaned_data
        language = told["language"]
        return Wishes(
            public=told["public"],
            video=told["follow_ups"] == "video",
            in_person=told["follow_ups"] == "in_person",
            languages=ALSO_WRITTEN.get(language, (language,)) if language else (),
            step_free=told["step_free"],
            third_party=told["third_party"],
            new_patients=not told["full_too"],
            day_parts=tuple(told["when"]),
            from_day=told["since"],
        )

    def filters_in_use(self) -> int:
        """How many filters may leave somebody out. Only after ``is_valid``."""
        told = self.cleaned_data
        return sum(bool(told[name]) for name in FILTERS)

    def details_in_use(self) -> bool:
        """Whether something is set in the folded part of the form. Only after ``is_valid``."""
        told = self.cleaned_data
        more = ("name", "when", "since", "full_too")
        return bool(self.filters_in_use() or any(told[name] for name in more))


# What people type themselves: a mistake there is theirs to see and to mend.
_OWN_WORDS = frozenset({"place", "name"})


def read_search(query: QueryDict, today: date) -> tuple[SearchForm, list[str]]:
    """The form of an address, and what was left aside, a sentence each.

    The form is then not valid for one reason only: what people typed.
    """
    told = query.copy()
    # Addresses shared before this parameter had a name of its own.
    if told.pop("video", None):
        told["follow_ups"] = "video"
    told.setdefault("radius", str(USUAL_RADIUS_KM))
    told.setdefault("order", "distance")
    notes = [*_radius_in_force(told), *_day_in_reach(told, today)]
    if told.get("near") and position_of(str(told["near"])) is None:
        told.pop("near")
        notes.append(_("La position de cette adresse n’est pas en France ou pas lisible."))
    form = SearchForm(told)
    meddled = sorted(set(form.errors) - _OWN_WORDS)
    if meddled:
        for name in meddled:
            told.setlist(name, [])
        notes.append(_("Un choix de cette adresse n’existe pas : nous l’avons laissé de côté."))
        told["radius"] = told.get("radius") or str(USUAL_RADIUS_KM)
        form = SearchForm(told)
    return form, notes


def _radius_in_force(told: QueryDict) -> list[str]:
    """Make any radius the nearest of ours, so that the list shows the one in force."""
    written = str(told["radius"])
    if not re.fullmatch(r"\d{1,4}", written, re.ASCII):
        told["radius"] = str(USUAL_RADIUS_KM)
    else:
        told["radius"] = str(min(RADII_KM, key=lambda km: (abs(km - int(written)), km)))
    if told["radius"] == written:
        return []
    return [_("Nous cherchons jusqu’à %(km)s km.") % {"km": told["radius"]}]


def _day_in_reach(told: QueryDict, today: date) -> list[str]:
    """Leave aside a first day that is none, is past, or that no agenda reaches."""
    written = told.get("since", "")
    if not written:
        return []
    try:
        day = SearchForm.base_fields["since"].clean(written)
    except forms.ValidationError:
        day = None
    if day is None:
        told["since"] = ""
        return [_("Ce jour n’existe pas : nous montrons les premières heures libres.")]
    if day < today:
        told["since"] = ""
        return [_("Ce jour est passé : nous montrons les premières heures libres.")]
    if day >= today + HORIZON - timedelta(days=1):
        told["since"] = ""
        return [_("Les agendas ne s’ouvrent pas si loin : nous montrons les premières heures.")]
    return []


def position_of(text: str) -> tuple[float, float] | None:
    """Degrees of « 45.764,4.836 », rounded to about a hundred metres; None for anything else."""
    found = _POSITION.fullmatch(text.strip())
    if found is None:
        return None
    latitude, longitude = (round(float(part), POSITION_DIGITS) for part in found.groups())
    return (latitude, longitude) if abs(latitude) <= _NORTH and abs(longitude) <= _EAST else None


def position_in_words(near: tuple[float, float]) -> str:
    """As an address holds it."""
    return ",".join(f"{degrees:.{POSITION_DIGITS}f}" for degrees in near)
