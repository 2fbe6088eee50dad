"""Corrections and refusals read again, in words: for who is concerned and for their fund."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from soutien.rules.review import Ground

FIELDS = {
    "given_name": gettext_lazy("Prénom"),
    "family_name": gettext_lazy("Nom de famille"),
    "birth_date": gettext_lazy("Jour de naissance"),
    "nir": gettext_lazy("Numéro de sécurité sociale"),
    "email": gettext_lazy("Courriel"),
    "phone": gettext_lazy("Téléphone"),
    "language": gettext_lazy("Langue"),
    "discreet": gettext_lazy("Courriels discrets"),
}


# What became of a request to the fund, in words, and the colour of the word.
STATES: dict[str, tuple[Any, str]] = {
    "open": (gettext_lazy("La caisse doit répondre"), "warm"),
    "accepted": (gettext_lazy("Corrigé"), "ok"),
    "refused": (gettext_lazy("Refusé"), "danger"),
    "withdrawn": (gettext_lazy("Demande retirée"), ""),
}
# What somebody of the fund who reads a refusal to be confirmed may say of it.
SAID = {
    Ground.RECORD_SAYS_SO: gettext_lazy(
        "Oui : le dossier de la caisse le montre, aux jours qui comptent."
    ),
    Ground.MEDICAL_SERVICE_SAYS_SO: gettext_lazy("Oui : le service médical le dit."),
    Ground.NOTHING_SHOWS_IT: gettext_lazy("Non : rien ne le montre."),
    Ground.ENDED_BEFORE: gettext_lazy(
        "Non : fini depuis assez longtemps, ou commencé après la séance."
    ),
    Ground.NOT_PSYCHIATRIC: gettext_lazy("Non : cette situation n’est pas psychiatrique."),
    Ground.SOMEBODY_ELSE: gettext_lazy("Non : il s’agit d’une autre personne."),
}
