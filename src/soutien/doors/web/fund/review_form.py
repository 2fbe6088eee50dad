"""What somebody who reads a refusal to be confirmed may say of it."""

from __future__ import annotations

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
