"""What the psychologist says of a session: held or missed, signatures, and the certificate."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.doors.web.psychologist.preview import previewed
from soutien.doors.web.psychologist.words import EVALUATION, IN_PERSON, REMOTE, language
from soutien.rules.codes import ExemptionKind, LinkedTo, Modality, Regime, word
from soutien.rules.decide import Decision
from soutien.rules.explain import explain
from soutien.steps.errors import Refusal
from soutien.steps.issued import Signatures
from soutien.steps.meet import Course, OpenExemption, Rights
from soutien.steps.nir import read as read_nir
from soutien.steps.views import DayLine

HELD, MISSED = "held", "missed"
# The choice of a scheme for people who have State medical aid instead of one.
STATE_AID = "ame_only"
BODY_CODE = re.compile(r"[0-9]{9}")
NIR_LENGTH_MAX = 30
SECONDS_A_MINUTE = 60
EXEMPTIONS = [
    (word(ExemptionKind.CSS), gettext_lazy("Complémentaire santé solidaire (C2S)")),
    (word(ExemptionKind.ALD), gettext_lazy("Affection de longue durée (ALD)")),
    (word(ExemptionKind.MATERNITY), gettext_lazy("Maternité")),
    (
        word(ExemptionKind.AT_MP),
        gettext_lazy("Accident du travail ou maladie professionnelle"),
    ),
    (word(ExemptionKind.INVALIDITY), gettext_lazy("Pension d’invalidité")),
]
# The certificate's fields, asked when rights are not known.
CERTIFICATE = ("regime", "fund_code", "amc", "insurer_name", "insurer_code")
# What a refusal calls a field, and what the form calls it.
FIELD_OF = {"signatures": "signed_by_person", "regime": "regime", "amc": "amc", "nir": "nir"}


class DayInput(forms.DateInput):
    """The browser's own day picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class CloseForm(forms.Form):
    """One gesture. Fields that are known already, or do not apply, are not asked."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("La séance a été"),
        widget=forms.RadioSelect,
        choices=[(HELD, gettext_lazy("Tenue")), (MISSED, gettext_lazy("Manquée"))],
        error_messages={"required": gettext_lazy("Dites si la séance a été tenue ou manquée.")},
    )
    modality = forms.ChoiceField(
        label=gettext_lazy("Vous vous êtes vus"),
        widget=forms.RadioSelect,
        choices=[(IN_PERSON, gettext_lazy("au cabinet")), (REMOTE, gettext_lazy("en visio"))],
        error_messages={"required": gettext_lazy("Dites si la séance a eu lieu en visio.")},
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Durée, en minutes"),
        required=False,
        error_messages={"invalid": gettext_lazy("Indiquez un nombre de minutes.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    missed_by = forms.ChoiceField(
        label=gettext_lazy("Qui n’est pas venu ?"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            ("person", gettext_lazy("la personne")),
            ("psychologist", gettext_lazy("moi")),
        ],
    )
    told_on = forms.DateField(
        label=gettext_lazy("Prévenu le"),
        help_text=gettext_lazy("Laissez vide si personne n’a prévenu."),
        required=False,
        widget=DayInput(),
        error_messages={"invalid": gettext_lazy("Indiquez un jour, un mois et une année.")},
    )
    nir = forms.CharField(
        label=gettext_lazy("Numéro de sécurité sociale de la personne"),
        help_text=gettext_lazy(
            "Sur l’attestation de droits ou la carte Vitale : treize caractères et deux chiffres "
            "de clé. La caisse en a besoin pour rembourser ; il est enregistré chiffré."
        ),
        required=False,
        max_length=NIR_LENGTH_MAX,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )
    regime = forms.ChoiceField(
        label=gettext_lazy("Régime d’assurance maladie"),
        required=False,
        choices=[
            ("", gettext_lazy("à choisir")),
            (word(Regime.GENERAL), gettext_lazy("Régime général (CPAM)")),
            (word(Regime.MSA), gettext_lazy("MSA, agriculture")),
            (
                word(Regime.REGIME_LOCAL_ALSACE_MOSELLE),
                gettext_lazy("Régime local d’Alsace-Moselle"),
            ),
            (word(Regime.SPECIAL), gettext_lazy("Un autre régime : militaires, SNCF, marins…")),
            (STATE_AID, gettext_lazy("Aide médicale de l’État, sans régime")),
        ],
    )
    fund_code = forms.CharField(
        label=gettext_lazy("Code de la caisse"),
        help_text=gettext_lazy("Sur l’attestation : « code organisme », neuf chiffres."),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    amc = forms.BooleanField(
        label=gettext_lazy("Une complémentaire « responsable » (mutuelle, assurance)"),
        required=False,
    )
    insurer_name = forms.CharField(
        label=gettext_lazy("Nom de la complémentaire"), required=False, max_length=120
    )
    insurer_code = forms.RegexField(
        r"^[0-9]{8,10}$",
        label=gettext_lazy("Numéro de la complémentaire"),
        help_text=gettext_lazy("Sur sa carte : « n° AMC », huit à dix chiffres."),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": gettext_lazy("Ce numéro a huit à dix chiffres. Il est sur la carte.")
        },
    )
    linked_to = forms.ChoiceField(
        label=gettext_lazy("La personne déclare cette séance liée à"),
        required=False,
        choices=[
            ("", gettext_lazy("rien de particulier")),
            (word(LinkedTo.ALD), gettext_lazy("une affection de longue durée (ALD)")),
            (word(LinkedTo.MATERNITY), gettext_lazy("une grossesse ou une naissance")),
            (
                word(LinkedTo.AT_MP),
                gettext_lazy("un accident du travail, une maladie professionnelle"),
            ),
            (
                word(LinkedTo.THIRD_PARTY_ACCIDENT),
                gettext_lazy("un accident causé par quelqu’un"),
            ),
        ],
    )
    prescribed = forms.BooleanField(
        label=gettext_lazy("Séance prescrite par le médecin de l’ALD"), required=False
    )
    third_party_requested = forms.BooleanField(
        label=gettext_lazy("Je n’encaisse pas la part de l’Assurance Maladie (tiers payant)"),
        required=False,
    )
    signed_by_psychologist = forms.BooleanField(
        label=gettext_lazy("Je signe la feuille de soins"), required=False
    )
    signed_by_person = forms.BooleanField(
        label=gettext_lazy("La personne a signé"), required=False
    )
    cannot_sign = forms.BooleanField(
        label=gettext_lazy("La personne ne peut pas signer"), required=False
    )

    def __init__(
        self,
        data: Any = None,
        *,
        line: DayLine,
        usual_fund_code: str,
        asks_rights: bool,
    ) -> None:
        """``asks_rights`` shows the certificate's fields although rights are known."""
        booking = line.booking
        whole = int((booking.ends_at - booking.starts_at).total_seconds()) // SECONDS_A_MINUTE
        super().__init__(
            data,
            initial={
                "modality": booking.modality,
                "minutes": whole,
                "fund_code": usual_fund_code,
            },
        )
        self.line = line
        self.asks_rights = asks_rights or not line.rights_known
        if self.asks_rights:
            for kind, label in EXEMPTIONS:
                self.fields[f"exempt_{kind}"] = forms.BooleanField(label=label, required=False)
                self.fields[f"ends_{kind}"] = forms.DateField(
                    label=_("Fin"),
                    required=False,
                    widget=DayInput(),
                    error_messages={"invalid": _("Indiquez un jour, un mois et une année.")},
                )
        unasked = {
            "nir": line.nir_known,
            **dict.fromkeys(CERTIFICATE, not self.asks_rights),
            "modality": line.booking.kind == EVALUATION,
            "prescribed": not self._minor(),
            "third_party_requested": self._fund_always_pays_directly(),
        }
        for name in filter(unasked.get, unasked):
            del self.fields[name]

    def _minor(self) -> bool:
        answered = self.line.answer
        return answered is not None and answered.session.day < answered.session.adult_on

    def _fund_always_pays_directly(self) -> bool:
        answered = self.line.answer
        return answered is not None and answered.session.day >= answered.terms.amo_third_party_from

    @property
    def exemption_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Each ground of full coverage with the day it ends."""
        return [(self[f"exempt_{kind}"], self[f"ends_{kind}"]) for kind, _label in EXEMPTIONS]

    @property
    def exempted(self) -> bool:
        """Whether a ground of full coverage was ticked, so that its box stays open."""
        return any(self[f"exempt_{kind}"].value() for kind, _label in EXEMPTIONS)

    def clean_nir(self) -> str:
        """A number that can be one; told in words when it cannot."""
        given = str(self.cleaned_data["nir"])
        try:
            return read_nir(given) if given else ""
        except Refusal as refusal:
            raise forms.ValidationError(_told(refusal)) from None

    def clean_fund_code(self) -> str:
        """Nine digits, spaces forgiven."""
        given = "".join(str(self.cleaned_data["fund_code"]).split())
        if given and not BODY_CODE.fullmatch(given):
            raise forms.ValidationError(
                _("Ce code de caisse n’est pas complet : il a neuf chiffres.")
            )
        return given

    def clean(self) -> dict[str, Any]:
        """A sheet needs the person's number, the scheme and both signatures; all said at once."""
        told: dict[str, Any] = self.cleaned_data
        if told.get("outcome") != HELD:
            return told
        self._ask("nir", "nir_missing")
        if self.asks_rights:
            self._ask("regime", "rights_missing")
            if told.get("regime"):
                self._ask("fund_code", "fund_missing")
        if not told.get("signed_by_psychologist"):
            self.add_error("signed_by_psychologist", _("Il manque votre signature."))
        if not told.get("signed_by_person") and not told.get("cannot_sign"):
            self.add_error(
                "signed_by_person",
                _("Il manque la signature de la personne, ou qu’elle ne peut pas signer."),
            )
        return told

    def _ask(self, name: str, code: str) -> None:
        if name in self.fields and not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(name, _told(Refusal(code, day=self.line.booking.civil_day)))

    @property
    def held(self) -> bool:
        return bool(self.cleaned_data["outcome"] == HELD)

    @property
    def said_modality(self) -> str:
        """How the session was held; an evaluation is always in person."""
        return str(self.cleaned_data.get("modality") or word(Modality.IN_PERSON))

    def signatures(self) -> Signatures:
        """Who signed. Only after ``is_valid``."""
        told = self.cleaned_data
        return Signatures(
            person=bool(told.get("signed_by_person")),
            psychologist=bool(told.get("signed_by_psychologist")),
            cannot_sign=bool(told.get("cannot_sign")),
        )

    def course(self) -> Course:
        """How long it took, or who did not come. Only after ``is_valid``."""
        told = self.cleaned_data
        if told.get("outcome") == HELD:
            return Course(minutes=told.get("minutes"))
        return Course(missed_by=told.get("missed_by", ""), told_on=told.get("told_on"))

    def rights(self) -> Rights | None:
        """The certificate as typed; None when rights are known already."""
        told = self.cleaned_data
        if not self.asks_rights or not told.get("regime"):
            return None
        aid = told["regime"] == STATE_AID
        exemptions = [
            OpenExemption(kind, told.get(f"ends_{kind}"))
            for kind, _label in EXEMPTIONS
            if told.get(f"exempt_{kind}")
        ]
        if aid:
            exemptions.append(OpenExemption(word(ExemptionKind.AME)))
        return Rights(
            regime="" if aid else told["regime"],
            amc=told["amc"],
            insurer_name=told["insurer_name"],
            insurer_code=told.get("insurer_code", ""),
            fund_code=told.get("fund_code", ""),
            exemptions=tuple(exemptions),
        )

    def decided(self) -> Decision | None:
        """What the law would answer with what is typed; None where the line has no answer."""
        answered = self.line.answer
        if answered is None:
            return None
        told = self.cleaned_data
        return previewed(
            answered,
            on=self.line.booking.civil_day,
            modality=self.said_modality,
            linked_to=told.get("linked_to", ""),
            prescribed=bool(told.get("prescribed")),
            third_party_requested=bool(told.get("third_party_requested")),
            rights=self.rights(),
        )

    def tell(self, refusal: Refusal) -> None:
        """Write a refusal of the step at its place in the form."""
        answered = refusal.context.get("answer")
        if answered is not None:
            for said in explain(answered, language()):
                if said.about == "reason":
                    self.add_error(None, f"{said.sentence} {said.remedy}")
            return
        named = [FIELD_OF.get(name, name) for name in refusal.context.get("fields", ())]
        place = next((name for name in named if name in self.fields), None)
        self.add_error(place, _told(refusal))


def _told(refusal: Refusal) -> str:
    lang = language()
    return f"{refusal.sentence(lang)} {refusal.remedy(lang)}"
