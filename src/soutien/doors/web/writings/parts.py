"""Each kind of document as the parts of its paper."""

from __future__ import annotations

from datetime import timedelta

from soutien.doors.web.writings import doctor_papers
from soutien.doors.web.writings.paper import Paper
from soutien.registers.writings.models import ACCOMPANIMENT, REFERRAL
from soutien.steps.written import OpenWriting


def paper_of(found: OpenWriting) -> Paper:
    """The document, part by part, in the order it is read."""
    if found.kind == REFERRAL:
        assert found.valid_before is not None  # A doctor's letter always ends.
        return doctor_papers.referral(
            found.body,
            written_on=found.written_on,
            last_day=found.valid_before - timedelta(days=1),
        )
    if found.kind == ACCOMPANIMENT:
        return doctor_papers.accompaniment(found.body, written_on=found.written_on)
    raise KeyError(found.kind)


def author_of(found: OpenWriting) -> str:
    """Who wrote it, by name."""
    return str(found.body["doctor"])
