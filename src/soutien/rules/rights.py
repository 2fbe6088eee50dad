"""Dated rights, situations and agreements, read on one day: whole numbers only, so it compiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from soutien.rules.calendar import NEVER
from soutien.rules.codes import ExemptionKind
from soutien.rules.facts import agreement_last_day, covers, former_css, psychiatric_bar
from soutien.rules.terms import Terms

_CSS = int(ExemptionKind.CSS)


class Span(NamedTuple):
    """A right, a situation or a suspension between two days; ``kind`` is 0 where there is one."""

    kind: int
    starts_on: int
    ends_on: int


class AgreementSpan(NamedTuple):
    """A time under agreement; the day is NO_DAY where nobody resigned."""

    starts_on: int
    ends_on: int
    resignation_received_on: int


def open_exemptions(day: int, spans: Sequence[Span]) -> int:
    """The bits of the grounds of full coverage that are open on a day."""
    bits = 0
    for span in spans:
        bits |= span.kind if covers(span.starts_on, span.ends_on, day) else 0
    return bits


def css_over(day: int, spans: Sequence[Span], terms: Terms) -> int:
    """1 where a CSS right ended recently enough to still spare advancing a share (R-105)."""
    over = 0
    for span in spans:
        if span.kind == _CSS and span.ends_on != NEVER:
            over |= former_css(span.ends_on, day, terms)
    return over


def barred(day: int, adult: int, spans: Sequence[Span], terms: Terms) -> int:
    """1 where some psychiatric situation keeps the person out on a day (R-022)."""
    bar = 0
    for span in spans:
        bar |= psychiatric_bar(span.kind, span.starts_on, span.ends_on, day, adult, terms)
    return bar


def under_agreement(day: int, agreements: Sequence[AgreementSpan], terms: Terms) -> int:
    """1 where a psychologist is under agreement on a day (R-163)."""
    under = 0
    for span in agreements:
        last = agreement_last_day(span.ends_on, span.resignation_received_on, terms)
        under |= covers(span.starts_on, last, day)
    return under


def suspended(day: int, spans: Sequence[Span]) -> int:
    """1 where a psychologist's agreement is suspended on a day (R-165)."""
    stopped = 0
    for span in spans:
        stopped |= covers(span.starts_on, span.ends_on, day)
    return stopped
