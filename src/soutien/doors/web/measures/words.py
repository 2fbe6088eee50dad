"""What outcomes and curves say, in words: never a diagnosis, never the effect of care."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from soutien.registers.measures.models import EMERGENCY, NOT_REACHED, ORIENTED, READ, TALKED
from soutien.rules.screen import Course, Danger, Evolution

# What a psychologist may say that they did about a danger.
ACTS = {
    TALKED: gettext_lazy("J’en ai parlé avec la personne."),
    ORIENTED: gettext_lazy(
        "Je l’ai orientée : médecin, psychiatrie ou centre médico-psychologique."
    ),
    EMERGENCY: gettext_lazy("J’ai appelé les secours."),
    NOT_REACHED: gettext_lazy("Je n’ai pas pu la joindre : gardez ceci à lire."),
}
DONE = {**ACTS, READ: gettext_lazy("Lu.")}
WAYS = {"phone": gettext_lazy("en ligne"), "paper": gettext_lazy("sur papier")}
DANGERS = {
    Danger.YES: gettext_lazy("Une réponse parle d’un danger."),
    Danger.UNANSWERED: gettext_lazy(
        "La question sur le danger est restée vide : elle est à poser de vive voix."
    ),
    Danger.NO: gettext_lazy("Aucune réponse ne parle d’un danger."),
}


def points(number: int) -> str:
    """« 1 point », « 6 points »."""
    return ngettext("%(n)s point", "%(n)s points", number) % {"n": number}


def course(found: Evolution) -> str:
    """How the first and the last total compare; that it cannot be told, when it cannot."""
    if found.difference is None or found.reliable_points is None:
        if found.reliable_points is None:
            return _("Pour ce questionnaire, aucun repère publié ne permet de comparer.")
        return _("Il n’y a pas encore assez de réponses pour comparer.")
    told = {"difference": points(abs(found.difference)), "least": points(found.reliable_points)}
    if found.course is Course.IMPROVED:
        return (
            _(
                "Le dernier total est plus bas que le premier de %(difference)s. "
                "À partir de %(least)s, le hasard seul ne l’explique pas."
            )
            % told
        )
    if found.course is Course.WORSENED:
        return (
            _(
                "Le dernier total est plus haut que le premier de %(difference)s. "
                "À partir de %(least)s, le hasard seul ne l’explique pas : parlez-en ensemble."
            )
            % told
        )
    return (
        _(
            "Entre le premier et le dernier total : %(difference)s. "
            "Au-dessous de %(least)s, le hasard seul peut l’expliquer."
        )
        % told
    )


def beside_the_case(found: Evolution) -> str:
    """Where the last total stands beside the published line; empty when it says nothing."""
    if found.case_from is None or not found.below_case:
        return ""
    return _("Le premier total atteignait le repère de %(line)s, le dernier est au-dessous.") % {
        "line": found.case_from
    }
