"""Only doors read the clock: below them a day or a moment is an argument."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tests.house.sources import calls, dotted, modules, short, tree

CLOCKS = (
    "date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "time.time",
    "time.time_ns",
    "timezone.now",
    "timezone.localdate",
    "timezone.localtime",
    "localdate",
    "Now",
)


def clock_readings(path: Path) -> list[str]:
    """Where a file asks what time it is."""
    found = [
        f"{short(path)}:{call.lineno}: {name}"
        for call, name in calls(path)
        if any(name == clock or name.endswith(f".{clock}") for clock in CLOCKS)
    ]
    # A function handed over is a clock too: DateTimeField(default=timezone.now).
    found += [
        f"{short(path)}:{node.value.lineno}: {dotted(node.value)}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.keyword) and dotted(node.value).endswith(CLOCKS)
    ]
    return found + [
        f"{short(path)}: {node.arg}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}
    ]


def test_nothing_below_the_doors_reads_the_clock() -> None:
    wrong = [
        reading
        for path in modules("rules", "sealing", "protections", "registers", "steps")
        for reading in clock_readings(path)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "line",
    [
        "day = datetime.date.today()",
        "day = date.today()",
        "moment = timezone.now()",
        "moment = datetime.datetime.now(UTC)",
        "field = DateTimeField(default=timezone.now)",
        "field = DateTimeField(auto_now=True)",
        "rows = Booking.objects.filter(starts_at__gt=Now())",
    ],
)
def test_a_reading_of_the_clock_is_seen(line: str, tmp_path: Path, monkeypatch: object) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(f"{line}\n")
    monkeypatch.setattr("tests.house.sources.ROOT", tmp_path)  # type: ignore[attr-defined]
    assert clock_readings(planted)
