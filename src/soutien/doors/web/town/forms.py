"""What somebody writes of a content, when it is read, and how a portal presents itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from soutien.doors.web.components.days import in_french
from soutien.registers.contents.models import (
    BODY_LENGTH,
    SUMMARY_LENGTH,
    TITLE_LENGTH,
    Category,
    Town,
    Version,
)
from soutien.steps.draft import Draft
from soutien.steps.errors import Refusal
from soutien.steps.settle import Arranged

_MOMENT = "%Y-%m-%dT%H:%M"
_DAY = "%Y-%m-%d"
_NO_MOMENT = gettext_lazy("Indiquez un jour et une heure.")
_NO_DAY = gettext_lazy("Indiquez un jour, un mois et une année, par exemple 24/11/2026.")
# Fields that only some kinds have.
WHEN = ("starts_at", "ends_at")
WHERE = ("place_name", "address_line", "postcode", "place_town")
REACH = ("hours", "phone", "email", "website")
FIELDS_OF = {
    "article": (),
    "page": (),
    "event": (*WHEN, *WHERE, *REACH[1:]),
    "place": (*WHERE, *REACH),
    "document": ("website",),
}


class MomentInput(forms.DateTimeInput):
    """The browser's own picker of a day and an hour."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=_MOMENT)


class DayInput(forms.DateInput):
    """The browser's own picker of a day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format=_DAY)


def _moment(label: Any, help_text: Any = "") -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        help_text=help_text,
        required=False,
        widget=MomentInput,
        error_messages={"invalid": _NO_MOMENT},
    )


def _line(label: Any, length: int = 120, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=length,
        error_messages={"max_length": gettext_lazy("C’est un peu long : raccourcissez.")},
    )


class ContentForm(forms.Form):
    """One content, of any kind; the fields of other kinds are left out."""

    title = forms.CharField(
        label=gettext_lazy("Titre"),
        max_length=TITLE_LENGTH,
        error_messages={
            "required": gettext_lazy("Il manque le titre."),
            "max_length": gettext_lazy("C’est un peu long : raccourcissez."),
        },
    )
    summary = forms.CharField(
        label=gettext_lazy("En une ou deux phrases"),
        help_text=gettext_lazy("Se lit dans les listes et en haut de la page."),
        required=False,
        max_length=SUMMARY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    body = forms.CharField(
        label=gettext_lazy("Texte"),
        help_text=gettext_lazy(
            "## Intertitre, **gras**, - liste, [lien](https://…). Un chiffre de la loi qui reste "
            'à jour : {{ terme "sessions_per_year_max" }}.'
        ),
        required=False,
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 18, "class": "writing"}),
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Rubriques"), required=False, widget=forms.CheckboxSelectMultiple
    )
    starts_at = _moment(gettext_lazy("Commence le"))
    ends_at = _moment(gettext_lazy("Finit le"))
    place_name = _line(gettext_lazy("Lieu"))
    address_line = _line(gettext_lazy("Adresse"))
    postcode = _line(gettext_lazy("Code postal"), 5)
    place_town = _line(gettext_lazy("Commune"), 80)
    hours = _line(gettext_lazy("Horaires"), 120)
    phone = _line(gettext_lazy("Téléphone"), 20)
    email = _line(gettext_lazy("Courriel"))
    website = forms.URLField(
        label=gettext_lazy("Adresse d’un site ou d’un document"),
        required=False,
        max_length=120,
        assume_scheme="https",
        error_messages={
            "invalid": gettext_lazy("Indiquez une adresse qui commence par https://.")
        },
    )
    reviewed_on = forms.DateField(
        label=gettext_lazy("Relu le"),
        required=False,
        widget=DayInput,
        error_messages={"invalid": _NO_DAY},
    )
    rule_ids = _line(
        gettext_lazy("Règles concernées"), 120, gettext_lazy("Par exemple : R-053 R-060.")
    )
    sources = forms.CharField(
        label=gettext_lazy("Sources"),
        help_text=gettext_lazy("Une par ligne."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    after = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(
        self, kind: str, categories: list[tuple[str, str]], *args: Any, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        chosen = self.fields["categories"]
        assert isinstance(chosen, forms.MultipleChoiceField)
        chosen.choices = categories
        for name in {*WHEN, *WHERE, *REACH} - set(FIELDS_OF[kind]):
            del self.fields[name]
        if not categories:
            del self.fields["categories"]
        # What belongs to the kind, in the order it is asked.
        self.of_kind = [self[name] for name in FIELDS_OF[kind]]

    def draft(self) -> Draft:
        """For the step. Only after ``is_valid``."""
        told = {name: value for name, value in self.cleaned_data.items() if name != "after"}
        told["categories"] = tuple(told.get("categories", ()))
        return Draft(**told)

    def tell(self, refusal: Refusal) -> None:
        """Say at its field why the step refused. Raises it when no field is named."""
        fields = [name for name in refusal.context.get("fields", ()) if name in self.fields]
        if not fields:
            raise refusal
        lang = "fr" if in_french() else "en"
        self.add_error(fields[0], f"{refusal.sentence(lang)} {refusal.remedy(lang)}")


def written(version: Version, chosen: frozenset[str]) -> dict[str, Any]:
    """What a form begins with: the version that was written last."""
    told = {name: getattr(version, name) for name in Draft.__slots__ if name != "categories"}
    return told | {"categories": sorted(chosen), "after": version.number}


class PublishForm(forms.Form):
    """From when a content is read, until when, and at which address."""

    live_from = _moment(
        gettext_lazy("Publier le"), gettext_lazy("Laissez vide pour publier maintenant.")
    )
    live_before = _moment(
        gettext_lazy("Retirer le"), gettext_lazy("Laissez vide pour ne pas finir.")
    )


class AddressForm(forms.Form):
    """Where a content is read."""

    address = forms.CharField(label=gettext_lazy("Adresse de la page"), max_length=120)


class TownForm(forms.Form):
    """How a portal presents itself."""

    name = forms.CharField(
        label=gettext_lazy("Nom"),
        max_length=80,
        error_messages={"required": gettext_lazy("Il manque le nom.")},
    )
    welcome = forms.CharField(
        label=gettext_lazy("Une phrase d’accueil"), required=False, max_length=300
    )
    colour = forms.RegexField(
        regex=r"^#[0-9A-Fa-f]{6}$",
        label=gettext_lazy("Couleur"),
        help_text=gettext_lazy(
            "Comme #1d5c63. Nous l’assombrissons s’il le faut pour qu’elle se lise."
        ),
        required=False,
        error_messages={"invalid": gettext_lazy("Écrivez la couleur comme #1d5c63.")},
    )
    address = forms.CharField(label=gettext_lazy("Adresse"), required=False, max_length=200)
    phone = forms.CharField(label=gettext_lazy("Téléphone"), required=False, max_length=20)
    email = forms.EmailField(label=gettext_lazy("Courriel"), required=False, max_length=120)
    shows_national = forms.BooleanField(
        label=gettext_lazy("Montrer aussi les contenus nationaux"), required=False
    )
    categories = forms.CharField(
        label=gettext_lazy("Rubriques propres à la commune"),
        help_text=gettext_lazy(
            "Une par ligne. Laissez vide pour garder les rubriques nationales."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def arranged(self) -> Arranged:
        """For the step. Only after ``is_valid``."""
        told = dict(self.cleaned_data)
        lines = (line.strip() for line in told.pop("categories").splitlines())
        return Arranged(**told, categories=tuple(dict.fromkeys(line for line in lines if line)))


def arranged_now(town: Town, categories: list[Category]) -> dict[str, Any]:
    """What the form of a portal begins with."""
    names = ("name", "welcome", "colour", "address", "phone", "email", "shows_national")
    told = {name: getattr(town, name) for name in names}
    return told | {"categories": "\n".join(one.name for one in categories)}
