"""What is typed of a right: by an agent with its evidence, by a person without."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.doors.web.components.who_fields import LONGEST_NAME, birth_date_field
from soutien.doors.web.components.written_days import WrittenDayField
from soutien.doors.web.rights.words import EVIDENCE, KINDS, REGIMES
from soutien.steps.admit import Insured
from soutien.steps.entitled import Evidence, Right

LONGEST_NUMBER = 30
_ONE = gettext_lazy("Mon attestation")
UNKNOWN_DAY = gettext_lazy("Nous ne reconnaissons pas ce jour. Écrivez par exemple 1 9 2026.")


def _day(label: Any, help_text: Any = "", *, required: bool = True) -> WrittenDayField:
    return WrittenDayField(
        label=label,
        help_text=help_text,
        required=required,
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 12}),
        error_messages={"invalid": UNKNOWN_DAY, "required": gettext_lazy("Il manque ce jour.")},
        # No right began or ends beyond.
        validators=[
            MinValueValidator(date(1900, 1, 1), UNKNOWN_DAY),
            MaxValueValidator(date(2199, 12, 31), UNKNOWN_DAY),
        ],
    )


def _number(label: Any, help_text: Any = "", pattern: str = r"^[\w .:/-]*$") -> forms.RegexField:
    return forms.RegexField(
        pattern,
        label=label,
        help_text=help_text,
        required=False,
        max_length=LONGEST_NUMBER,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"invalid": gettext_lazy("Relisez ce numéro.")},
    )


def _name(label: Any, missing: Any) -> forms.CharField:
    """Somebody else's name: no browser fills it in."""
    return forms.CharField(
        label=label,
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": missing},
    )


class PeriodForm(forms.Form):
    """A right's first and last day. ``right`` is which kind the form is of."""

    right = ""
    valid_from = _day(gettext_lazy("Premier jour"))
    ends_on = _day(
        gettext_lazy("Dernier jour"), gettext_lazy("Vide : sans fin connue."), required=False
    )

    def told(self) -> Right:
        """Only after ``is_valid``."""
        values = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in {"evidence", "evidence_on", "document"}
        }
        return Right(self.right, **values)


class SchemeForm(PeriodForm):
    """The compulsory scheme and the fund that manages it."""

    right = "scheme"
    regime = forms.ChoiceField(label=gettext_lazy("Régime"), choices=list(REGIMES.items()))
    fund_code = _number(
        gettext_lazy("Code de la caisse"),
        gettext_lazy("Neuf chiffres : régime, caisse, centre."),
        r"^[0-9]{9}$",
    )


class GroundForm(PeriodForm):
    """A ground of full coverage."""

    right = "exemption"
    kind = forms.ChoiceField(label=gettext_lazy("Droit"), choices=list(KINDS.items()))
    reference = _number(
        gettext_lazy("Numéro du protocole ou de l’accident"),
        gettext_lazy("S’il y en a plusieurs du même genre."),
    )


class CoverForm(PeriodForm):
    """The complementary insurance."""

    right = "cover"
    insurer_name = forms.CharField(
        label=gettext_lazy("Nom de la complémentaire"),
        max_length=120,
        error_messages={"required": gettext_lazy("Il manque son nom.")},
    )
    insurer_code = _number(
        gettext_lazy("Numéro de la complémentaire"),
        gettext_lazy("Sur sa carte : « n° AMC », huit à dix chiffres."),
        r"^[0-9]{8,10}$",
    )
    member_number = _number(gettext_lazy("Numéro d’adhérent"))
    responsible = forms.BooleanField(
        label=gettext_lazy("Contrat « responsable »"), required=False, initial=True
    )


class EvidenceForm(forms.Form):
    """On what it was seen."""

    evidence = forms.ChoiceField(
        label=gettext_lazy("Vu sur"),
        choices=[(word, label) for word, label in EVIDENCE.items() if word != "members_file"],
    )
    evidence_on = _day(gettext_lazy("Date du papier ou de la réponse"), required=False)

    def evidence_told(self) -> Evidence:
        """Only after ``is_valid``."""
        return Evidence(self.cleaned_data["evidence"], self.cleaned_data["evidence_on"])


class SeenSchemeForm(SchemeForm, EvidenceForm):
    """A scheme that an agent saw."""


class SeenGroundForm(GroundForm, EvidenceForm):
    """A ground that an agent saw."""


class SeenCoverForm(CoverForm, EvidenceForm):
    """A cover that an agent saw."""


SeenForm = SeenSchemeForm | SeenGroundForm | SeenCoverForm
SEEN: dict[str, type[SeenForm]] = {
    "scheme": SeenSchemeForm,
    "exemption": SeenGroundForm,
    "cover": SeenCoverForm,
}


class PaperForm(forms.Form):
    """The certificate that goes with a declaration."""

    document = forms.ChoiceField(
        label=gettext_lazy("Votre attestation"),
        help_text=gettext_lazy("Ajoutez-la d’abord dans « Mes documents »."),
        required=False,
    )

    def __init__(self, *args: Any, papers: tuple[UUID, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].choices = _papers(papers)  # type: ignore[attr-defined]

    def paper(self) -> UUID | None:
        """Only after ``is_valid``."""
        chosen = self.cleaned_data["document"]
        return UUID(chosen) if chosen else None


class OwnGroundForm(GroundForm, PaperForm):
    """A ground of full coverage that a person says to have."""


class OwnCoverForm(CoverForm, PaperForm):
    """An insurance that a person says to have."""

    responsible = forms.BooleanField(
        label=gettext_lazy("Contrat « responsable » : c’est écrit sur le contrat"),
        required=False,
        initial=True,
    )


OwnForm = OwnGroundForm | OwnCoverForm
OWN: dict[str, type[OwnForm]] = {"exemption": OwnGroundForm, "cover": OwnCoverForm}


class NumberForm(forms.Form):
    """Whose rights: by their number, never in an address."""

    nir = forms.CharField(
        label=gettext_lazy("Numéro de sécurité sociale"),
        max_length=LONGEST_NUMBER,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "numeric"}
        ),
        error_messages={"required": gettext_lazy("Il manque le numéro.")},
    )


class AdmitForm(NumberForm, EvidenceForm):
    """Somebody whom nobody here knows, as the fund knows them, with their scheme."""

    given_name = _name(gettext_lazy("Prénom"), gettext_lazy("Il manque le prénom."))
    family_name = _name(
        gettext_lazy("Nom de famille"), gettext_lazy("Il manque le nom de famille.")
    )
    birth_date = birth_date_field(
        gettext_lazy("Date de naissance"),
        gettext_lazy("Il manque la date de naissance."),
        autocomplete="off",
    )
    regime = forms.ChoiceField(label=gettext_lazy("Régime"), choices=list(REGIMES.items()))
    valid_from = _day(
        gettext_lazy("À votre caisse depuis le"),
        gettext_lazy("Le premier jour du droit que vous voyez, ou celui de la première séance."),
    )
    field_order = [
        *("nir", "family_name", "given_name", "birth_date", "regime", "valid_from"),
        *("evidence", "evidence_on"),
    ]

    def insured(self) -> Insured:
        """Only after ``is_valid``."""
        told = self.cleaned_data
        return Insured(*(told[name] for name in Insured.__dataclass_fields__))

    def scheme(self) -> Right:
        """Only after ``is_valid``. The fund is the agent's: the step says which."""
        told = self.cleaned_data
        return Right("scheme", told["valid_from"], regime=told["regime"])


class EndForm(EvidenceForm):
    """The last day of a right."""

    ends_on = _day(gettext_lazy("Dernier jour"))


class AnswerForm(forms.Form):
    """What is said to the person."""

    reason = forms.CharField(
        label=gettext_lazy("Ce que vous dites à la personne"),
        help_text=gettext_lazy("Il le faut pour refuser : ce qui manque, ou ne correspond pas."),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    answer = forms.ChoiceField(choices=[("accepted", ""), ("refused", "")])


def typed(day: date | None) -> str:
    """A day as people type it."""
    return f"{day.day} {day.month} {day.year}" if day else ""


def filled(right: Right) -> dict[str, Any]:
    """A right as the first values of its form."""
    return {
        **right.told(),
        "valid_from": typed(right.valid_from),
        "ends_on": typed(right.ends_on),
    }


def _papers(papers: tuple[UUID, ...]) -> list[tuple[str, Any]]:
    """Which of one's certificates goes with a declaration."""
    several = len(papers) > 1
    return [
        ("", gettext_lazy("Aucune pour le moment")),
        *(
            (str(paper), _("Attestation %(number)s") % {"number": number} if several else _ONE)
            for number, paper in enumerate(papers, start=1)
        ),
    ]
