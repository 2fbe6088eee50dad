"""Runs ``soutien`` as people do: a process of its own, from elsewhere, with a bare environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple


class Done(NamedTuple):
    """What a command left: its exit code, what it printed, and what it complained of."""

    code: int
    printed: str
    complaint: str


def soutien(
    *words: str, given: bytes = b"", folder: Path | None = None, **environment: str
) -> Done:
    """The command with these words; ``given`` is its standard input. Both outputs are UTF-8."""
    done = subprocess.run(
        [sys.executable, "-m", "soutien.doors.cli.main", *words],
        input=given,
        cwd=folder or "/",
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        timeout=60,
    )
    return Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
