"""The care of somebody in words: what was agreed, how each session went, where things stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.doors.web.components.care_words import CHANGES
from soutien.doors.web.components.days import plain_day
from soutien.doors.web.components.parts import Cell, Column, Figure, Table
from soutien.doors.web.psychologist.words import EVALUATION, how_it_is_held, state_of
from soutien.steps.accompanied import EpisodeView, Received, ReviewView
from soutien.steps.views import SessionState, SessionView

NEXT_STEPS = {
    "": gettext_lazy("rien de particulier"),
    "psychiatric_consultation": gettext_lazy("une consultation avec un psychiatre"),
    "other_care": gettext_lazy("des soins mieux adaptés"),
    "nothing_more": gettext_lazy("pas d’autre soin"),
    "new_episode": gettext_lazy("un nouvel accompagnement, dans la limite de l’année"),
}
ENDINGS = {
    "finished": gettext_lazy("terminé ensemble"),
    "stopped": gettext_lazy("arrêté par la personne"),
    "changed": gettext_lazy("poursuivi avec quelqu’un d’autre"),
    "reoriented": gettext_lazy("orienté vers d’autres soins"),
}
EXCHANGES = {
    "": gettext_lazy("pas encore"),
    "doctor": gettext_lazy("avec le médecin"),
    "doctor_and_psychiatrist": gettext_lazy("avec le médecin et un psychiatre"),
}
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One heading of a review, with what was written."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A review as it is read."""

    when: str
    change: str
    paragraphs: list[Paragraph]
    next_step: str


def looked(review: ReviewView | None) -> Looked | None:
    """A review in words; None when there is none."""
    if review is None:
        return None
    told = {"n": review.sessions_held, "day": plain_day(civil(review.written_at))}
    texts = (
        (_("Ce qui gênait"), review.symptoms),
        (_("Ce qui a changé"), review.evolution),
        (_("Comment nous avons travaillé"), review.technique),
        (_("Conclusion"), review.conclusion),
    )
    return Looked(
        when=_("Écrit le %(day)s, après %(n)s rencontres") % told,
        change=str(CHANGES[review.change]),
        paragraphs=[Paragraph(title, text) for title, text in texts if text],
        next_step=str(NEXT_STEPS[review.next_step]) if review.next_step else "",
    )


def civil(moment: datetime) -> date:
    """The day of a moment on the site's clock."""
    return timezone.localtime(moment).date()


def last_day(episode: EpisodeView) -> date | None:
    """The last day of an episode that is over."""
    return episode.closed_before - _ONE_DAY if episode.closed_before else None


def period(episode: EpisodeView) -> str:
    """« Depuis le 3 mars 2026 », « Du 3 mars au 12 juin 2026, terminé ensemble »."""
    start, end = plain_day(episode.opened_on), last_day(episode)
    if end is None:
        return _("Depuis le %(day)s") % {"day": start}
    told: dict[str, Any] = {
        "start": start,
        "end": plain_day(end),
        "why": ENDINGS[episode.ended_for],
    }
    return _("Du %(start)s au %(end)s, %(why)s") % told


def figures(episode: EpisodeView) -> list[Figure]:
    """How many took place, of how many foreseen."""
    held = Figure(_("Séances faites"), str(episode.held))
    if episode.planned_sessions is None:
        return [held, Figure(_("Prévues ensemble"), "—", _("À dire à la première séance."))]
    left = max(episode.planned_sessions - episode.held, 0)
    return [
        held,
        Figure(_("Prévues ensemble"), str(episode.planned_sessions)),
        Figure(_("Encore à venir"), str(left)),
    ]


def sessions_table(episode: EpisodeView) -> Table:
    """The sessions of one episode, the last one first."""
    return Table(
        _("Les séances"),
        (
            Column(_("Jour")),
            Column(_("Séance")),
            Column(_("Où")),
            Column(_("État")),
        ),
        tuple(_row(session) for session in reversed(episode.sessions)),
        empty=_("Aucune séance terminée pour le moment."),
    )


def _row(session: SessionView) -> tuple[Cell, ...]:
    kind = _("Évaluation") if session.kind == EVALUATION else _("Suivi")
    missed = session.state is SessionState.MISSED
    state = state_of(session)
    return (
        Cell(plain_day(session.held_on)),
        Cell(kind),
        Cell("—" if missed else how_it_is_held(session.modality)),
        Cell(state.text, tag=state.kind or "plain"),
    )


ITEMS = {
    "goals": gettext_lazy("Ce que vous souhaitez, avec vos mots"),
    "plan": gettext_lazy("Le nombre de séances prévues"),
    "sessions": gettext_lazy("Les jours des séances faites"),
    "mid_course": gettext_lazy("Le point à mi-parcours"),
    "end": gettext_lazy("Le compte rendu de fin"),
}


def received_in_words(received: Received) -> dict[str, Any]:
    """What was handed over, as its reader sees it."""
    return {
        "name": received.from_name,
        "day": plain_day(civil(received.agreed_at)),
        "lines": [
            Paragraph(title, text)
            for item, content in received.content.items()
            for title, text in _item_lines(item, content)
        ],
    }


def _item_lines(item: str, content: Any) -> list[tuple[str, str]]:
    if item == "goals":
        return [(_("Ce que la personne souhaite"), content)]
    if item == "plan":
        return [(_("Séances prévues ensemble"), str(content))]
    if item == "sessions":
        days = [plain_day(date.fromisoformat(day)) for day, _kind, _modality in content]
        return [(_("Séances faites"), ", ".join(days))]
    if item == "end":
        return _report_lines(content)
    review = looked(
        ReviewView(
            kind=item,
            **(content | {"written_at": datetime.fromisoformat(content["written_at"])}),
        )
    )
    assert review is not None
    title = str(ITEMS[item])
    return [(title, f"{review.when} · {review.change}")] + [
        (each.title, each.text) for each in review.paragraphs
    ]


REPORT = {
    "symptoms": gettext_lazy("Ce qui gênait"),
    "evolution": gettext_lazy("Ce qui a changé"),
    "scores": gettext_lazy("Scores"),
    "technique": gettext_lazy("Comment nous avons travaillé"),
    "count": gettext_lazy("Nombre de séances faites"),
    "conclusion": gettext_lazy("Conclusion"),
    "following": gettext_lazy("La suite"),
}


def _report_lines(content: Mapping[str, str]) -> list[tuple[str, str]]:
    """A report that was handed over, part by part."""
    written = plain_day(date.fromisoformat(content["written_on"]))
    head = (str(ITEMS["end"]), _("Écrit le %(day)s") % {"day": written})
    return [head, *((str(REPORT[name]), content[name]) for name in REPORT if name in content)]
