"""A paper to add: what it is, and the file."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from soutien.registers.documents.models import CONTENT_TYPES

KINDS = {
    "referral_letter": gettext_lazy("Courrier du médecin"),
    "rights_statement": gettext_lazy("Attestation de droits"),
    "other": gettext_lazy("Autre document"),
}
_MISSING = gettext_lazy("Il manque le fichier.")


def file_field() -> forms.FileField:
    """A file to choose; what comes in is read by ``content.checked`` only."""
    return forms.FileField(
        label=gettext_lazy("Le fichier"),
        help_text=gettext_lazy("Un PDF, ou une photo JPEG ou PNG, de 5 Mo au plus."),
        widget=forms.FileInput(attrs={"accept": ",".join(CONTENT_TYPES)}),
        error_messages={"required": _MISSING, "empty": _MISSING, "invalid": _MISSING},
    )


class DocumentForm(forms.Form):
    """What a paper is, and its file."""

    kind = forms.ChoiceField(
        label=gettext_lazy("De quoi s’agit-il ?"),
        choices=list(KINDS.items()),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Dites de quel document il s’agit."),
            "invalid_choice": gettext_lazy("Dites de quel document il s’agit."),
        },
    )
    file = file_field()
