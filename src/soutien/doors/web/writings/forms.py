"""What a doctor types for both letters, and the code a psychologist copies from paper."""

from __future__ import annotations

from datetime import date
from secrets import token_urlsafe
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.doors.web.components.days import in_french
from soutien.doors.web.components.who_fields import LONGEST_NAME, birth_date_field
from soutien.doors.web.person.forms import LONGEST_LIFE_YEARS
from soutien.rules.identifiers import rpps_holds, written
from soutien.steps.errors import Refusal
from soutien.steps.refer import AM_NUMBER_DIGITS
from soutien.steps.written import DoctorLetter

LONGEST_LINE, LONGEST_TEXT, LONGEST_SCORES = 160, 4_000, 600
KEY_LENGTHS, KEY_BYTES = (16, 64), 24
_TOO_LONG = gettext_lazy("C’est trop long : raccourcissez.")
REFERRERS = {
    "gp": gettext_lazy("Médecin généraliste"),
    "hospital_doctor": gettext_lazy("Médecin hospitalier"),
    "specialist_doctor": gettext_lazy("Médecin spécialiste"),
    "school_doctor": gettext_lazy("Médecin scolaire"),
    "student_health_doctor": gettext_lazy("Médecin de la santé étudiante"),
    "occupational_doctor": gettext_lazy("Médecin du travail"),
    "midwife": gettext_lazy("Sage-femme"),
    "school_nurse": gettext_lazy("Infirmier ou infirmière scolaire"),
}
LINKS = {
    "": gettext_lazy("Rien de cela"),
    "ald": gettext_lazy("Une affection de longue durée (ALD)"),
    "third_party_accident": gettext_lazy("Un accident causé par un tiers"),
    "maternity": gettext_lazy("La maternité"),
    "at_mp": gettext_lazy("Un accident du travail ou une maladie professionnelle"),
}


def text_field(label: Any, help_text: Any = "", *, rows: int = 3, most: int = LONGEST_TEXT) -> Any:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": rows, "autocomplete": "off"}),
        error_messages={"max_length": _TOO_LONG},
    )


def line_field(label: Any, missing: Any, *, most: int = LONGEST_LINE, **attrs: Any) -> Any:
    return forms.CharField(
        label=label,
        required=bool(missing),
        max_length=most,
        widget=forms.TextInput(attrs={"spellcheck": "false", **attrs}),
        error_messages={"required": missing, "max_length": _TOO_LONG},
    )


def told_at_fields(form: forms.Form, refusal: Refusal) -> None:
    """Say a refusal at the fields it names, those the form has. Raises it when it names none."""
    if "fields" not in refusal.context:
        raise refusal
    lang = "fr" if in_french() else "en"
    said = f"{refusal.sentence(lang)} {refusal.remedy(lang)}"
    for name in refusal.context["fields"]:
        form.add_error(name if name in form.fields else None, said)


class LetterForm(forms.Form):
    """Both letters at once. ``page_key`` is of this page: the same sent twice is one letter.

    What comes without one is no page of ours: it is shown again with a key, to be read and sent.
    """

    page_key = forms.CharField(
        min_length=KEY_LENGTHS[0], max_length=KEY_LENGTHS[1], widget=forms.HiddenInput
    )
    given_name = line_field(
        gettext_lazy("Prénom"),
        gettext_lazy("Il manque le prénom."),
        most=LONGEST_NAME,
        autocomplete="off",
    )
    family_name = line_field(
        gettext_lazy("Nom de famille"),
        gettext_lazy("Il manque le nom de famille."),
        most=LONGEST_NAME,
        autocomplete="off",
    )
    birth_date = birth_date_field(
        gettext_lazy("Jour de naissance"), gettext_lazy("Il manque le jour de naissance."), "off"
    )
    doctor = line_field(
        gettext_lazy("Vos prénom et nom"),
        gettext_lazy("Il manque votre nom."),
        autocomplete="name",
    )
    referrer = forms.ChoiceField(
        label=gettext_lazy("Vous êtes"), choices=list(REFERRERS.items()), initial="gp"
    )
    number = line_field(
        gettext_lazy("Votre numéro RPPS ou AM"),
        gettext_lazy("Il manque votre numéro RPPS ou AM."),
        inputmode="numeric",
        autocomplete="off",
        size=16,
    )
    structure = line_field(gettext_lazy("Cabinet ou structure"), "", autocomplete="organization")
    linked_to = forms.ChoiceField(
        label=gettext_lazy("Les séances sont-elles en lien avec"),
        choices=list(LINKS.items()),
        required=False,
        widget=forms.RadioSelect,
        initial="",
    )
    reasons = text_field(
        gettext_lazy("Motif"),
        gettext_lazy("Pour le psychologue seul. La caisse ne le lit jamais."),
    )
    context = text_field(gettext_lazy("Contexte"), rows=2)
    findings = text_field(
        gettext_lazy("Éléments cliniques"),
        gettext_lazy("Antécédents, traitement, ce qu’il faut savoir avant de commencer."),
    )
    scores = text_field(gettext_lazy("Scores"), rows=1, most=LONGEST_SCORES)
    strange = False

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        """``on`` is the day the letters bear."""
        super().__init__(*args, **kwargs)
        self.on = on
        key = self.data.get("page_key", "")
        if self.is_bound and not KEY_LENGTHS[0] <= len(key) <= KEY_LENGTHS[1]:
            self.data = {**dict(self.data.items()), "page_key": token_urlsafe(KEY_BYTES)}
            self.strange = True

    def clean(self) -> dict[str, Any]:
        """Nothing is left from a page that is not ours before somebody has read it here."""
        if self.strange:
            raise forms.ValidationError(_("Relisez cette page, puis envoyez-la."), "strange")
        return self.cleaned_data

    def clean_birth_date(self) -> date:
        """The day of somebody alive."""
        born: date = self.cleaned_data["birth_date"]
        if born > self.on or born.year < self.on.year - LONGEST_LIFE_YEARS:
            raise forms.ValidationError(_("Vérifiez l’année de naissance."), "year")
        return born

    def clean_number(self) -> str:
        """The RPPS, whose last digit is a key, or the number of the Assurance Maladie."""
        number = written(self.cleaned_data["number"])
        am_number = len(number) == AM_NUMBER_DIGITS and number.isdecimal()
        if not (am_number or rpps_holds(number)):
            raise forms.ValidationError(
                _("Ce numéro n’est pas complet : un RPPS a onze chiffres, un numéro AM neuf."),
                "number",
            )
        return number

    def letter(self) -> DoctorLetter:
        """Only after ``is_valid``."""
        told = dict(self.cleaned_data)
        del told["page_key"]
        for name in _LINES:
            told[name] = " ".join(told[name].split())
        return DoctorLetter(**told)


_LINES = ("given_name", "family_name", "doctor", "structure")


class CodeForm(forms.Form):
    """The code of a doctor's letters, as it is copied from paper."""

    code = forms.CharField(
        label=gettext_lazy("Code du courrier"),
        help_text=gettext_lazy("Seize lettres et chiffres, imprimés sur le papier du médecin."),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={
            "required": gettext_lazy("Copiez le code du papier."),
            "max_length": gettext_lazy("Ce code est trop long."),
        },
    )
    sure = forms.BooleanField(
        label=gettext_lazy("Le papier en main, c’est bien cette personne"), required=False
    )
