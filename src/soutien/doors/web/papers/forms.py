"""What an agent types of a paper: all of it, then its amounts once more."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.doors.web.components.written_days import WrittenDayField
from soutien.registers.claims.models import LINES_A_SHEET
from soutien.rules.codes import ActCode, Kind, LinkedTo, Modality, word
from soutien.rules.keying import Amounts
from soutien.steps.transcribed import Act, Typed

CENTS = 100
EUROS_MAX = 9999
ACTS = {
    ActCode.EEP: (Kind.EVALUATION, Modality.IN_PERSON),
    ActCode.APS: (Kind.FOLLOW_UP, Modality.IN_PERSON),
    ActCode.PSS: (Kind.FOLLOW_UP, Modality.REMOTE),
}
CODES = {what: code.name for code, what in ACTS.items()}
LINKS = {
    LinkedTo.NONE: gettext_lazy("Aucun"),
    LinkedTo.ALD: gettext_lazy("Affection de longue durée"),
    LinkedTo.MATERNITY: gettext_lazy("Maternité"),
    LinkedTo.AT_MP: gettext_lazy("Accident du travail ou maladie professionnelle"),
    LinkedTo.THIRD_PARTY_ACCIDENT: gettext_lazy("Accident causé par un tiers"),
}
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}
_UNKNOWN_DAY = gettext_lazy("Nous ne reconnaissons pas ce jour. Écrivez par exemple 1 9 2026.")


class AmountField(forms.DecimalField):
    """Euros as they stand on paper, with a comma or a point; cents once read."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_digits=6,
            decimal_places=2,
            min_value=0,
            max_value=EUROS_MAX,
            widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "decimal", "size": 7}),
            error_messages=dict.fromkeys(
                (
                    *("invalid", "max_digits", "max_decimal_places", "max_whole_digits"),
                    *("min_value", "max_value"),
                ),
                gettext_lazy("Relisez ce montant. Écrivez par exemple 50 ou 50,00."),
            )
            | {"required": gettext_lazy("Il manque ce montant.")},
            **kwargs,
        )

    def to_python(self, value: Any) -> Any:
        told = str(value).replace(",", ".").replace("€", "").strip() if value else value
        return super().to_python(told)

    def clean(self, value: Any) -> Any:
        euros = super().clean(value)
        return None if euros is None else int(euros * CENTS)


def _day(label: Any) -> WrittenDayField:
    return WrittenDayField(
        label=label,
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 11}),
        error_messages={
            "invalid": _UNKNOWN_DAY,
            "required": gettext_lazy("Il manque ce jour."),
        },
        validators=[
            MinValueValidator(date(1900, 1, 1), _UNKNOWN_DAY),
            MaxValueValidator(date(2199, 12, 31), _UNKNOWN_DAY),
        ],
    )


def _number(label: Any, pattern: str, longest: int, help_text: Any = "") -> forms.RegexField:
    return forms.RegexField(
        pattern,
        label=label,
        help_text=help_text,
        max_length=longest,
        required=False,
        widget=forms.TextInput(attrs=_PLAIN),
        error_messages={"invalid": gettext_lazy("Relisez ce numéro.")},
    )


class PaperForm(forms.Form):
    """The paper whole, in the order of the form S 3130. A line without anything is not one."""

    nir = forms.CharField(
        label=gettext_lazy("Numéro de sécurité sociale"),
        help_text=gettext_lazy("Quinze caractères, avec la clé."),
        max_length=30,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "numeric"}),
        error_messages={"required": gettext_lazy("Il manque le numéro de sécurité sociale.")},
    )
    birth_date = _day(gettext_lazy("Date de naissance"))
    psychologist = forms.RegexField(
        r"^\d{9}(\d{2})?$",
        label=gettext_lazy("Numéro AM ou RPPS du psychologue"),
        help_text=gettext_lazy("Neuf ou onze chiffres."),
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "numeric"}),
        error_messages={
            "required": gettext_lazy("Il manque le numéro du psychologue."),
            "invalid": gettext_lazy("Relisez ce numéro."),
        },
    )
    finess = _number(
        gettext_lazy("FINESS de la structure"),
        r"^[0-9A-Z]{9}$",
        9,
        gettext_lazy("S’il exerce en plusieurs lieux."),
    )
    number = _number(
        gettext_lazy("Numéro de facture"),
        r"^[0-9A-Za-z-]{1,20}$",
        20,
        gettext_lazy("S’il y en a un sur la feuille."),
    )
    received_on = _day(gettext_lazy("Feuille reçue le"))
    linked_to = forms.ChoiceField(
        label=gettext_lazy("Conditions de prise en charge"),
        choices=[(word(link), label) for link, label in LINKS.items()],
    )
    prescribed = forms.BooleanField(
        label=gettext_lazy("Séances prescrites pour cette affection"), required=False
    )
    amo_third_party = forms.BooleanField(
        label=gettext_lazy("L’assuré n’a pas payé la part obligatoire"), required=False
    )
    signed_by_person = forms.BooleanField(
        label=gettext_lazy("Signée par l’assuré, ou case « ne peut pas signer »"), required=False
    )
    signed_by_psychologist = forms.BooleanField(
        label=gettext_lazy("Signée par le psychologue"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place in range(1, LINES_A_SHEET + 1):
            first = place == 1
            day = _day(_("Ligne %(n)d, jour") % {"n": place})
            day.required = first
            code = forms.ChoiceField(
                label=_("Ligne %(n)d, acte") % {"n": place},
                choices=[("", "—"), *((code.name, code.name) for code in ACTS)],
                required=first,
                error_messages={"required": _("Il manque l’acte.")},
            )
            self.fields[f"day_{place}"] = day
            self.fields[f"code_{place}"] = code
            self.fields[f"amount_{place}"] = AmountField(
                label=_("Ligne %(n)d, montant (€)") % {"n": place}, required=first
            )

    def rows(self) -> list[tuple[BoundField, BoundField, BoundField]]:
        """The lines of the form, each a day, an act and an amount."""
        return [
            (self[f"day_{place}"], self[f"code_{place}"], self[f"amount_{place}"])
            for place in range(1, LINES_A_SHEET + 1)
        ]

    def clean(self) -> dict[str, Any]:
        """A line is whole or it is not there."""
        told = self.cleaned_data
        for place in range(2, LINES_A_SHEET + 1):
            names = [f"{part}_{place}" for part in ("day", "code", "amount")]
            given = [name for name in names if told.get(name) not in (None, "")]
            for name in names:
                if given and name not in given and name not in self.errors:
                    self.add_error(name, _("La ligne %(n)d n’est pas complète.") % {"n": place})
        return told

    def typed(self) -> Typed:
        """Only after ``is_valid``."""
        told = self.cleaned_data
        named = (
            *("nir", "birth_date", "psychologist", "finess", "number", "received_on"),
            *("prescribed", "amo_third_party", "signed_by_person", "signed_by_psychologist"),
        )
        acts = tuple(
            Act(
                told[f"day_{place}"],
                *ACTS[ActCode[told[f"code_{place}"]]],
                told[f"amount_{place}"],
            )
            for place in range(1, LINES_A_SHEET + 1)
            if told[f"day_{place}"]
        )
        linked_to = LinkedTo[told["linked_to"].upper()]
        return Typed(acts=acts, linked_to=linked_to, **{name: told[name] for name in named})


def initial_of(typed: Typed) -> dict[str, Any]:
    """A paper as it was typed, to correct what was misread. Amounts are typed anew."""
    fields = {
        name: getattr(typed, name)
        for name in (
            *("nir", "birth_date", "psychologist", "finess", "number", "received_on"),
            *("prescribed", "amo_third_party", "signed_by_person", "signed_by_psychologist"),
        )
    }
    fields["linked_to"] = word(typed.linked_to)
    for place, act in enumerate(typed.acts, 1):
        fields[f"day_{place}"] = act.held_on
        fields[f"code_{place}"] = CODES.get((act.kind, act.modality), "")
    return fields


class AmountsForm(forms.Form):
    """The amounts alone, line by line, without those typed before."""

    def __init__(self, acts: tuple[Act, ...], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.acts = acts
        for place, act in enumerate(acts, 1):
            self.fields[f"amount_{place}"] = AmountField(
                label=_("Ligne %(n)d, %(day)s, %(act)s, montant (€)")
                % {
                    "n": place,
                    "day": f"{act.held_on:%d/%m/%Y}",
                    "act": CODES.get((act.kind, act.modality), "—"),
                }
            )

    def amounts(self) -> Amounts:
        """Only after ``is_valid``."""
        return tuple(
            self.cleaned_data[f"amount_{place}"] for place in range(1, len(self.acts) + 1)
        )
