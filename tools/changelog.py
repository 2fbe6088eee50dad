"""Gathers the fragments of changes/ into CHANGELOG.md for a release.

python tools/changelog.py 0.2.0 2026-12-01
"""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KINDS = {
    "law": "Droit",
    "added": "Added",
    "changed": "Changed",
    "fixed": "Fixed",
    "removed": "Removed",
}
NAMED = re.compile(rf"^[a-z0-9-]+\.({'|'.join(KINDS)})\.md$")
MARK = "\n## "


def fragments(folder: Path) -> dict[str, list[Path]]:
    """The fragments by kind. Raises ValueError when a file's name is not of the right form."""
    found: dict[str, list[Path]] = {kind: [] for kind in KINDS}
    for path in sorted(folder.glob("*.md")):
        if path.name == "README.md":
            continue
        named = NAMED.match(path.name)
        if not named or not path.read_text().strip():
            raise ValueError(
                f"{path}: name it what-changed.KIND.md, KIND one of {', '.join(KINDS)}"
            )
        found[named[1]].append(path)
    return found


def section(version: str, day: date, found: dict[str, list[Path]]) -> str:
    """The text of one release, one line a fragment."""
    lines = [f"## {version}, {day.isoformat()}", ""]
    for kind, title in KINDS.items():
        if found[kind]:
            lines += [f"### {title}", ""]
            lines += [f"- {' '.join(path.read_text().split())}" for path in found[kind]]
            lines.append("")
    return "\n".join(lines)


def gather(root: Path, version: str, day: date) -> None:
    """Writes the release on top of the earlier ones and removes its fragments."""
    found = fragments(root / "changes")
    changelog = root / "CHANGELOG.md"
    head, mark, earlier = changelog.read_text().partition(MARK)
    text = f"{head.rstrip()}\n\n{section(version, day, found)}{mark}{earlier}"
    changelog.write_text(text.rstrip() + "\n")
    for paths in found.values():
        for path in paths:
            path.unlink()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    gather(ROOT, sys.argv[1], date.fromisoformat(sys.argv[2]))
