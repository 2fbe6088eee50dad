"""uv.lock installs anywhere: it names PyPI's own hosts and knows every requirement."""

from __future__ import annotations

import tomllib

from tests.house.sources import ROOT
from tools import lock


def test_the_lock_file_is_clean_and_up_to_date() -> None:
    assert lock.check() == 0


def test_a_mirror_in_the_lock_file_is_seen() -> None:
    text = (ROOT / "uv.lock").read_text()
    spoiled = text.replace(lock.INDEX, "https://mirror.example/simple", 1)
    assert lock.foreign_addresses(spoiled) == ["https://mirror.example/simple"]


def test_a_requirement_that_was_not_locked_is_seen() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    locked = tomllib.loads((ROOT / "uv.lock").read_text())
    project["project"]["dependencies"].append("left-pad>=1")
    project["dependency-groups"]["dev"].remove("hypothesis>=6.130")
    assert lock.forgotten(project, locked) == ["hypothesis", "left-pad"]
