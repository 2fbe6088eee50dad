"""What somebody who reads a refusal to be confirmed may say of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from soutien.rules.codes import word
from soutien.rules.review import Ground

SAID = {
    Ground.RECORD_SAYS_SO: _("Oui : le dossier de la caisse le montre, aux jours qui comptent."),
    Ground.MEDICAL_SERVICE_SAYS_SO: _("Oui : le service médical le dit."),
    Ground.NOTHING_SHOWS_IT: _("Non : rien ne le montre."),
    Ground.ENDED_BEFORE: _("Non : fini depuis assez longtemps, ou commencé après la séance."),
    Ground.NOT_PSYCHIATRIC: _("Non : cette situation n’est pas psychiatrique."),
    Ground.SOMEBODY_ELSE: _("Non : il s’agit d’une autre personne."),
}


class FirstInFocus(forms.RadioSelect):
    """Choices of which the first is where the keyboard begins."""

    def create_option(self, *told: Any, **words: Any) -> dict[str, Any]:
        """A choice as its template shows it; the first asks for the keyboard."""
        option = super().create_option(*told, **words)
        if option["index"] == "0":
            option["attrs"]["autofocus"] = True
        return option


class ReviewForm(forms.Form):
    """One answer with its reason; none is chosen beforehand."""

    ground = forms.ChoiceField(
        label=_("Ce refus est-il juste ?"),
        widget=forms.RadioSelect,
        choices=[(word(ground), said) for ground, said in SAID.items()],
        error_messages={
            "required": _("Choisissez une réponse."),
            "invalid_choice": _("Choisissez une réponse."),
        },
    )

    def begin_here(self) -> None:
        """The page begins with this question: one claim after the other, hands on the keys."""
        choices = self.fields["ground"]
        assert isinstance(choices, forms.ChoiceField)
        choices.widget = FirstInFocus(choices=choices.choices)
