"""Outcomes and curves as pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from soutien.doors.web.components.days import clock, plain_day
from soutien.doors.web.components.parts import Cell, Column, Figure, Table
from soutien.doors.web.measures.curve_svg import curve_svg
from soutien.doors.web.measures.sheet import language, questions
from soutien.doors.web.measures.words import DANGERS, DONE, WAYS, beside_the_case, course, points
from soutien.registers.measures.models import PHONE
from soutien.rules.screen import Danger
from soutien.steps.measure import Unread
from soutien.steps.measured import Blank, Curve, Told


@dataclass(frozen=True, slots=True)
class OutcomeShown:
    """One outcome in words."""

    public_id: UUID
    title: str
    when: str
    total: str
    band: str
    chance: str
    estimated: bool
    urgent: bool
    danger: bool
    danger_words: str
    online: bool
    asked_here: bool
    read: bool
    answers: tuple[tuple[str, str], ...]
    done: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CurveShown:
    """A curve: its picture, its table, how it went, and from what that was computed."""

    title: str
    picture: SafeString
    table: Table
    course: str
    beside: str
    inputs: list[Figure]
    source: str
    shown: bool
    line: int | None


def title_of(told: Told) -> str:
    """What the questionnaire is called."""
    return told.scale.title(language()) if told.scale else told.name


def outcome_shown(told: Told) -> OutcomeShown:
    """An outcome in words, with its answers."""
    lang = language()
    between = told.between
    return OutcomeShown(
        public_id=told.public_id,
        title=title_of(told),
        when=_("%(day)s, %(way)s") % {"day": plain_day(told.filled_on), "way": WAYS[told.way]},
        total=_total(told),
        band=told.band.title(lang) if told.band else "",
        chance=_("Le hasard seul peut donner de %(low)s à %(high)s.")
        % {"low": between[0], "high": between[1]}
        if between
        else "",
        estimated=told.estimated,
        urgent=told.urgent,
        danger=told.danger is Danger.YES,
        danger_words="" if told.danger is Danger.NO else str(DANGERS[told.danger]),
        online=told.way == PHONE,
        asked_here=told.scale is not None and bool(told.scale.texts),
        read=told.read,
        answers=_answers(told),
        done=tuple(
            _("%(day)s à %(clock)s : %(what)s")
            % {
                "day": plain_day(timezone.localtime(at).date()),
                "clock": clock(at),
                "what": DONE[done],
            }
            for at, done in told.done
        ),
    )


def unread_line(unread: Unread) -> tuple[str, OutcomeShown, str]:
    """Whose, what, and where it is read."""
    shown = outcome_shown(unread.outcome)
    return unread.person_name, shown, reverse("review", args=[shown.public_id])


def asked_line(blank: Blank) -> str:
    """« Questionnaire PHQ-9, demandé le 3 mars 2026 »."""
    title = blank.scale.title(language()) if blank.scale else _("Questionnaire")
    day = plain_day(timezone.localtime(blank.asked_at).date())
    return _("%(title)s, demandé le %(day)s") % {"title": title, "day": day}


def curve_shown(curve: Curve, *, page: str) -> CurveShown:
    """A curve with its table beside."""
    lang, found = language(), curve.evolution
    change = curve.scale.change
    title = curve.scale.title(lang)
    told = [point for point in curve.points if point.total is not None]
    return CurveShown(
        title=title,
        picture=curve_svg(curve, label=_picture_in_words(curve)),
        table=_table(title, curve.points, page),
        course=course(found),
        beside=beside_the_case(found),
        inputs=[
            *_figure(_("Premier total"), found.first),
            *_figure(_("Dernier total"), found.last),
            *_figure(_("Différence"), found.difference),
            *_figure(_("Changement au-delà du hasard"), found.reliable_points),
            *_figure(_("Repère publié"), found.case_from),
            Figure(_("Totaux comparés"), str(found.scores_used)),
        ],
        source=change.source if change else "",
        shown=bool(told),
        line=found.case_from,
    )


def without_curve(outcomes: Iterable[Told], *, page: str) -> Table | None:
    """The outcomes whose questionnaire is no longer here."""
    left = [told for told in outcomes if told.scale is None]
    return _table(_("Autres questionnaires"), left, page) if left else None


def _table(title: str, rows: Iterable[Told], page: str) -> Table:
    lang = language()
    return Table(
        title,
        (Column(_("Jour")), Column(_("Total"), number=True), Column(_("Le hasard seul")),
         Column(_("En mots"))),
        tuple(
            (
                Cell(plain_day(each.filled_on), href=reverse(page, args=[each.public_id])),
                Cell(_total(each)),
                Cell(f"{each.between[0]}–{each.between[1]}" if each.between else "—"),
                Cell(each.band.title(lang) if each.band else "—"),
            )
            for each in rows
        ),
    )  # fmt: skip


def _figure(label: str, number: int | None) -> list[Figure]:
    return [] if number is None else [Figure(label, str(number))]


def _total(told: Told) -> str:
    if told.total is None:
        return _("pas de total")
    return _("%(total)s sur %(most)s") % {"total": told.total, "most": told.total_max}


def _answers(told: Told) -> tuple[tuple[str, str], ...]:
    """Each question with what was answered, in words where they are here."""
    if told.scale is None:
        return tuple(
            (_("Question %(n)s") % {"n": number}, _("vide") if given is None else points(given))
            for number, given in enumerate(told.answers, start=1)
        )
    return tuple(
        (
            question.text,
            next((choice.text for choice in question.choices if choice.checked), _("vide")),
        )
        for question in questions(told.scale, told.answers)
    )


def _picture_in_words(curve: Curve) -> str:
    told = [
        _("%(day)s : %(total)s") % {"day": plain_day(point.filled_on), "total": point.total}
        for point in curve.points
        if point.total is not None
    ]
    return _("Totaux de 0 à %(most)s. %(points)s.") % {
        "most": curve.scale.total_max,
        "points": " ; ".join(told),
    }
