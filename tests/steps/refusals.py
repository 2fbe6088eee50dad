"""Expecting a refusal by its code."""

from __future__ import annotations

import pytest

from soutien.steps.errors import Refusal


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    """``with refused("slot_taken") as caught:`` passes when that is what is raised."""
    return pytest.raises(Refusal, check=lambda refusal: refusal.code == code)
