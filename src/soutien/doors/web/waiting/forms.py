"""What somebody tells us to wait or to be called back: as little as an answer needs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.doors.web.components.places import PlaceField
from soutien.doors.web.components.who_fields import ANY_NAME, ReachableForm, name_field
from soutien.doors.web.person.forms import WhoForm
from soutien.doors.web.person.words import language
from soutien.doors.web.public.forms import DayInput
from soutien.doors.web.public.search_form import (
    ALSO_WRITTEN,
    PARTS_OF_DAY,
    RADII_KM,
    USUAL_RADIUS_KM,
    SearchForm,
)
from soutien.doors.web.waiting.words import CALL_TIMES
from soutien.steps.book import Identity
from soutien.steps.contact import Contact
from soutien.steps.turns import HARD, HEAVY, STEADY
from soutien.steps.wishes import Wishes

_SEARCH = SearchForm.base_fields


class ContactForm(ReachableForm):
    """What to call somebody, and how to reach them."""

    called = name_field(
        ANY_NAME,
        gettext_lazy("Comment vous appeler ?"),
        gettext_lazy("Indiquez comment vous appeler."),
        help_text=gettext_lazy("Un prénom suffit."),
    )
    field_order = ["called", "email", "phone", "discreet"]

    def contact(self) -> Contact:
        """Only after ``is_valid``."""
        told = self.cleaned_data
        return Contact(
            name=told["called"],
            email=told["email"],
            phone=told["phone"],
            language=language(),
            discreet=told["discreet"],
        )


class CallBackForm(ContactForm):
    """When to call; no reason is asked."""

    call_times = forms.MultipleChoiceField(
        label=gettext_lazy("Quand vous appeler ?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=list(CALL_TIMES.items()),
    )


class JoinForm(ContactForm):
    """Waiting for one psychologist: when, until when, and how it is."""

    when = forms.MultipleChoiceField(
        label=gettext_lazy("Quand cela vous arrange (un seul suffit)"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=list(PARTS_OF_DAY.items()),
    )
    before = forms.DateField(
        label=gettext_lazy("Seulement avant le"),
        required=False,
        widget=DayInput,
        error_messages={
            "invalid": gettext_lazy(
                "Indiquez un jour, un mois et une année, par exemple 24/11/2026."
            )
        },
    )
    need = forms.ChoiceField(
        label=gettext_lazy("En ce moment, vous diriez plutôt"),
        help_text=gettext_lazy(
            "Cela sert à l’ordre de la liste, et à rien d’autre. Personne ne lit votre réponse."
        ),
        widget=forms.RadioSelect,
        choices=[
            (STEADY, gettext_lazy("Ça va à peu près. J’aimerais en parler à quelqu’un.")),
            (
                HEAVY,
                gettext_lazy(
                    "C’est lourd depuis un moment : dormir, travailler ou voir du monde me coûte."
                ),
            ),
            (
                HARD,
                gettext_lazy(
                    "C’est très dur : je n’arrive plus à faire ce que je faisais d’habitude."
                ),
            ),
        ],
        error_messages={"required": gettext_lazy("Choisissez ce qui se rapproche le plus.")},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_before(self) -> date | None:
        """A day to come: nothing is sooner than today."""
        before: date | None = self.cleaned_data["before"]
        if before is not None and before <= self.today + timedelta(days=1):
            raise forms.ValidationError(
                _("Indiquez un jour plus lointain, ou laissez vide."), "too_soon"
            )
        return before

    def wishes(self) -> Wishes:
        """Only after ``is_valid``."""
        return Wishes(day_parts=tuple(self.cleaned_data["when"]))


class JoinAroundForm(JoinForm):
    """Waiting around a place, with the wishes of the search."""

    place = PlaceField()
    radius = forms.TypedChoiceField(
        label=gettext_lazy("Jusqu’à"),
        coerce=int,
        initial=USUAL_RADIUS_KM,
        choices=[(km, f"{km} km") for km in RADII_KM],
    )
    public = _SEARCH["public"]
    follow_ups = _SEARCH["follow_ups"]
    language = _SEARCH["language"]
    since = _SEARCH["since"]
    step_free = _SEARCH["step_free"]
    third_party = _SEARCH["third_party"]

    def details_in_use(self) -> bool:
        """Whether something is set in the folded part, to show it open."""
        names = ("public", "follow_ups", "language", "since", "step_free", "third_party")
        return any(self[name].value() for name in names)

    def clean(self) -> dict[str, Any]:
        """The two days leave some between them."""
        told = super().clean()
        since, before = told.get("since"), told.get("before")
        if since and before and since >= before:
            self.add_error("before", _("Indiquez un jour plus lointain, ou laissez vide."))
        return told

    def wishes(self) -> Wishes:
        """Only after ``is_valid``."""
        told = self.cleaned_data
        code = told["language"]
        return Wishes(
            public=told["public"],
            video=told["follow_ups"] == "video",
            in_person=told["follow_ups"] == "in_person",
            languages=ALSO_WRITTEN.get(code, (code,)) if code else (),
            step_free=told["step_free"],
            third_party=told["third_party"],
            day_parts=tuple(told["when"]),
            from_day=told["since"],
        )


class TakeForm(WhoForm):
    """Who comes, for a time offered: the same as for any other appointment."""

    def identity(self) -> Identity:
        """Only after ``is_valid``."""
        return self.typed().identity(language())


class TelephoneForm(WhoForm):
    """A first session booked by telephone: a time, and who comes."""

    time = forms.ChoiceField(
        label=gettext_lazy("L’heure"),
        error_messages={
            "required": gettext_lazy("Choisissez une heure."),
            "invalid_choice": gettext_lazy("Cette heure n’est plus libre : choisissez-en une."),
        },
    )

    def __init__(self, *args: Any, times: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("given_name", "family_name", "birth_date"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        for name, label in (("email", _("Courriel")), ("phone", _("Téléphone"))):
            self.fields[name].label = label
            self.fields[name].help_text = ""
            self.fields[name].widget.attrs["autocomplete"] = "off"
        self.fields["time"].choices = times  # type: ignore[attr-defined]
        del self.fields["whom"]

    def identity(self, language: str) -> Identity:
        """Who comes, in the language they asked in. Only after ``is_valid``."""
        told = {name: value for name, value in self.cleaned_data.items() if name != "time"}
        return Identity(language=language, **told)
