"""How care began and how it goes, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

CHANGES = {
    "better": gettext_lazy("ça va mieux"),
    "same": gettext_lazy("c’est pareil"),
    "worse": gettext_lazy("ça va moins bien"),
    "unknown": gettext_lazy("trop tôt pour le dire"),
}
OPENINGS = {
    "evaluation": gettext_lazy("commencé par une évaluation"),
    "follow_up": gettext_lazy("commencé par un suivi"),
    "change": gettext_lazy("repris après un autre psychologue"),
    "again": gettext_lazy("repris avec le même psychologue"),
}
