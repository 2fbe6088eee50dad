"""What a correction is about, and what became of it, in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

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
