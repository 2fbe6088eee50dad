"""Numbers in words: which form of a sentence goes with a number."""

from __future__ import annotations

from soutien.doors.days import in_french


def form_for(number: int) -> int:
    """The number to choose a form with: in French nothing is said like one, « 0 ligne »."""
    return 1 if number == 0 and in_french() else number
