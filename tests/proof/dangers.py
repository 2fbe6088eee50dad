"""The written situations of danger, and what each person would tick."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

SITUATIONS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "dangers.toml").read_text()
)["situations"]
TRACKS = {"adult": "a", "teenager": "b", "child": "c", "relative": "d"}


def answers_of(situation: dict[str, Any]) -> list[str]:
    """The ids of the boxes that this person would tick."""
    return [f"{TRACKS[situation['who']]}-{sign}" for sign in situation["ticks"]]
