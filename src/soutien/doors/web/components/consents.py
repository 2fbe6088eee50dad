"""The state of a child's consents in words, the same on every page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from soutien.rules.consent import State
from soutien.steps.authority import Consents

STATES: Mapping[State, Any] = {
    State.COMPLETE: gettext_lazy("Tous les accords sont là"),
    State.BY_STATEMENT: gettext_lazy("Un parent a dit oui, et répond pour l’autre"),
    State.PAPER_TO_SEE: gettext_lazy("Accord donné ; un papier est à voir à la première séance"),
    State.ONE_MISSING: gettext_lazy("L’accord d’un parent manque"),
    State.NONE_YET: gettext_lazy("L’accord des parents manque"),
    State.REFUSED: gettext_lazy("Un parent a dit non"),
}
KINDS: Mapping[State, str] = {
    State.COMPLETE: "ok",
    State.BY_STATEMENT: "ok",
    State.REFUSED: "danger",
}


def state_in_words(consents: Consents) -> str:
    """« L’accord d’un parent manque »; empty when none is asked."""
    return str(STATES.get(consents.state, ""))


def kind_of(consents: Consents) -> str:
    """The colour of the state: ok, warm or danger."""
    return KINDS.get(consents.state, "warm")
