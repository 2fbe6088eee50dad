"""What a document says before anything is typed: French, as the paper."""

from __future__ import annotations

from datetime import date

from django.utils.translation import override

from soutien.doors.web.components.days import plain_day
from soutien.doors.web.writings.doctor_papers import FRENCH
from soutien.steps.measured import Curve
from soutien.steps.written import Prepared

TO_A_DOCTOR = ("evaluation_note", "end_report", "doctor_signal")


def words_known(kind: str, known: Prepared) -> dict[str, str]:
    """The fields that can be filled in from the care so far; the psychologist changes them."""
    with override(FRENCH):
        told = {
            "recipient": known.doctor if kind in TO_A_DOCTOR else "",
            "goals": known.goals,
            "symptoms": known.symptoms,
            "evolution": known.evolution,
            "technique": known.technique,
            "scores": "\n".join(map(_scores, known.curves)),
            "count": _count(known.sessions),
            "plan": _plan(known.planned_sessions),
            "so_far": _so_far(known),
        }
    return {name: text for name, text in told.items() if text}


def _count(days: tuple[date, ...]) -> str:
    """« 4, du 5 octobre 2026 au 16 novembre 2026 »."""
    if not days:
        return "0"
    first, last = plain_day(days[0]), plain_day(days[-1])
    return f"1, le {first}" if len(days) == 1 else f"{len(days)}, du {first} au {last}"


def _plan(planned: int | None) -> str:
    return f"{planned} séances prévues en tout, évaluation comprise." if planned else ""


def _so_far(known: Prepared) -> str:
    parts = [known.technique]
    if known.sessions:
        parts = [f"Séances faites : {_count(known.sessions)}.", *parts]
    parts += map(_scores, known.curves)
    return "\n".join(part for part in parts if part)


def _scores(curve: Curve) -> str:
    """« Questionnaire PHQ-9 : 15 sur 27 (5 octobre 2026), 6 sur 27 (16 novembre 2026) »."""
    points = [point for point in curve.points if point.total is not None]
    ends = points[:1] + points[1:][-1:]
    totals = (
        f"{point.total} sur {point.total_max} ({plain_day(point.filled_on)})" for point in ends
    )
    return f"{curve.scale.title_fr} : {', '.join(totals)}"
