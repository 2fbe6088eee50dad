"""Who holds parental authority, a signature by typing, and papers that were seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.doors.web.components.who_fields import (
    FAMILY_NAME,
    GIVEN_NAME,
    LONGEST_NAME,
    ReachableForm,
    name_field,
)
from soutien.doors.web.documents.forms import file_field
from soutien.doors.web.guardians.words import CAPACITIES
from soutien.doors.web.person.words import language
from soutien.doors.web.public.forms import DayInput
from soutien.rules.consent import ALONE, CARE
from soutien.rules.consent import CAPACITIES as KNOWN
from soutien.steps.authority import HolderView
from soutien.steps.consent import Named

MYSELF, OTHER = "me", "other"
LONGEST_PROOF = 200
YES, NO = "yes", "no"
_NO_NAME = gettext_lazy("Tapez votre prénom et votre nom : c’est votre signature.")


class HolderForm(ReachableForm):
    """Somebody who must agree: oneself, or the other parent.

    Oneself is reached where the appointment's news go, unless something else is given. A
    psychologist may name somebody without an address; a young person names others only.
    """

    who = forms.ChoiceField(
        label=gettext_lazy("Cette personne est"),
        widget=forms.RadioSelect,
        choices=[
            (MYSELF, gettext_lazy("moi")),
            (OTHER, gettext_lazy("l’autre parent")),
        ],
        error_messages={"required": gettext_lazy("Dites qui est cette personne.")},
    )
    given_name = name_field(
        GIVEN_NAME, gettext_lazy("Prénom"), gettext_lazy("Il manque le prénom.")
    )
    family_name = name_field(
        FAMILY_NAME, gettext_lazy("Nom de famille"), gettext_lazy("Il manque le nom de famille.")
    )
    capacity = forms.ChoiceField(
        label=gettext_lazy("Qui décide pour l’enfant ?"),
        widget=forms.RadioSelect,
        choices=list(CAPACITIES.items()),
        initial="parent",
        error_messages={"required": gettext_lazy("Dites qui décide pour l’enfant.")},
    )
    proof = forms.CharField(
        label=gettext_lazy("Le papier qui le dit"),
        help_text=gettext_lazy(
            "Seulement si une personne décide seule : jugement, livret de famille, avec sa date "
            "ou son numéro. Apportez-le à la première séance."
        ),
        required=False,
        max_length=LONGEST_PROOF,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("who", "given_name", "family_name", "capacity", "proof", "email", "phone")

    def __init__(
        self,
        *args: Any,
        young: bool = False,
        seen: bool = False,
        first: bool = True,
        **more: Any,
    ) -> None:
        """``young`` fills it in for themselves, ``seen`` is the psychologist."""
        super().__init__(*args, **more)
        self.seen = seen
        del self.fields["discreet"]
        self.fields["email"].label = gettext_lazy("Son adresse de courriel")
        self.fields["email"].widget.attrs["autocomplete"] = "off"
        self.fields["phone"].label = gettext_lazy("Son téléphone")
        self.fields["phone"].widget.attrs["autocomplete"] = "off"
        if young or seen:
            del self.fields["who"]
        else:
            self.fields["who"].initial = MYSELF if first else OTHER
            self.fields["phone"].help_text = gettext_lazy(
                "L’un des deux suffit. Pour vous-même, laissez vide : nous savons vous joindre."
            )
        if not first:
            del self.fields["capacity"], self.fields["proof"]

    @property
    def for_oneself(self) -> bool:
        """Whether who fills it in is who must agree. Only after ``is_valid``."""
        return bool(self.cleaned_data.get("who") == MYSELF)

    def clean(self) -> dict[str, Any]:
        """There is a way to reach somebody; who decides alone has a paper that says so."""
        told: dict[str, Any] = forms.Form.clean(self) or {}
        nowhere = not told.get("email") and not told.get("phone")
        reached = self.seen or told.get("who") == MYSELF
        if nowhere and not reached and not {"email", "phone"} & set(self.errors):
            self.add_error("email", _("Il manque une adresse de courriel ou un téléphone."))
        capacity = told.get("capacity", "")
        if capacity in KNOWN and KNOWN[capacity].alone and not told.get("proof", "").strip():
            self.add_error("proof", _("Indiquez le papier qui le dit, sa date ou son numéro."))
        return told

    def named(self) -> Named:
        """Only after ``is_valid``."""
        told = self.cleaned_data
        return Named(
            given_name=told["given_name"],
            family_name=told["family_name"],
            capacity=told.get("capacity", "parent"),
            proof=told.get("proof", ""),
            email=told["email"],
            phone=told["phone"],
            language=language(),
            reached_like_child=self.for_oneself,
        )


class SignatureForm(forms.Form):
    """One's name, typed: the signature."""

    name = forms.CharField(
        label=gettext_lazy("Votre prénom et votre nom"),
        help_text=gettext_lazy("Ils valent signature, avec le jour et l’heure."),
        max_length=2 * LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        error_messages={"required": _NO_NAME, "max_length": _NO_NAME},
    )


class SentPaperForm(forms.Form):
    """The paper by which a holder shows who they are."""

    file = file_field()


class PaperForm(forms.Form):
    """A paper that the psychologist saw."""

    holder = forms.ChoiceField(label=gettext_lazy("Qui a signé"), widget=forms.RadioSelect)
    says = forms.ChoiceField(
        label=gettext_lazy("Ce que dit le papier"),
        widget=forms.RadioSelect,
        choices=[
            (f"{CARE}-{YES}", gettext_lazy("Oui, cette personne est d’accord")),
            (f"{CARE}-{NO}", gettext_lazy("Non, ou elle retire son accord")),
            (f"{ALONE}-{YES}", gettext_lazy("L’autre parent n’a pas pu être informé")),
        ],
        error_messages={"required": gettext_lazy("Dites ce que dit le papier.")},
    )
    signed_on = forms.DateField(
        label=gettext_lazy("Signé le"),
        widget=DayInput,
        error_messages={
            "required": gettext_lazy("Il manque le jour de la signature."),
            "invalid": gettext_lazy("Indiquez un jour, un mois et une année."),
        },
    )
    original_seen = forms.BooleanField(
        label=gettext_lazy("J’ai l’original sous les yeux"),
        error_messages={
            "required": gettext_lazy("Cochez la case quand vous avez l’original sous les yeux.")
        },
    )

    def __init__(self, *args: Any, holders: Sequence[HolderView], on: date, **more: Any) -> None:
        super().__init__(*args, **more)
        chosen = self.fields["holder"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [(str(each.public_id), each.name) for each in holders]
        chosen.error_messages["required"] = _("Dites qui a signé.")
        self.fields["signed_on"].initial = on

    @property
    def matter(self) -> str:
        """Only after ``is_valid``."""
        return str(self.cleaned_data["says"]).split("-")[0]

    @property
    def given(self) -> bool:
        """Only after ``is_valid``."""
        return str(self.cleaned_data["says"]).endswith(YES)
