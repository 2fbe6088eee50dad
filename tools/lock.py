"""Writes uv.lock with PyPI's canonical hosts only, or checks that it holds no other.

    python tools/lock.py             lock again (arguments go to ``uv lock``, such as --upgrade)
    python tools/lock.py --check     exit 1 when another host is named, or pyproject.toml moved on

An environment variable that names a mirror would be written into the lock file, and the project
would then install on one site only: hence this script.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
INDEX = "https://pypi.org/simple"
FILES = "https://files.pythonhosted.org/packages/"


def foreign_addresses(lock: str) -> list[str]:
    """Every registry or file in a lock file that is not PyPI's own."""
    registries = re.findall(r'registry = "([^"]*)"', lock)
    files = re.findall(r'url = "([^"]*)"', lock)
    other = [address for address in registries if address != INDEX]
    other += [address for address in files if not address.startswith(FILES)]
    return sorted(set(other))


def name_of(requirement: str) -> str:
    """``psycopg`` in ``psycopg[binary]>=3.2``, spelled as the lock file does."""
    return re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def forgotten(project: dict[str, Any], lock: dict[str, Any]) -> list[str]:
    """Requirements that only one of pyproject.toml and uv.lock names."""
    [own] = [package for package in lock["package"] if package["name"] == "soutien"]
    metadata = own["metadata"]
    asked = {name_of(text) for text in project["project"]["dependencies"]}
    for texts in project["project"].get("optional-dependencies", {}).values():
        asked |= {name_of(text) for text in texts}
    known = {entry["name"] for entry in metadata["requires-dist"]}
    for group, texts in project.get("dependency-groups", {}).items():
        asked |= {name_of(text) for text in texts}
        known |= {entry["name"] for entry in metadata["requires-dev"].get(group, [])}
    return sorted(asked ^ known)


def check() -> int:
    """Prints what is wrong with the lock file; 0 when nothing is."""
    text = (ROOT / "uv.lock").read_text()
    foreign = foreign_addresses(text)
    for address in foreign:
        print(f"uv.lock names {address}, which is not PyPI.")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    changed = forgotten(project, tomllib.loads(text))
    if changed:
        print(f"uv.lock and pyproject.toml differ on: {', '.join(changed)}.")
    if foreign or changed:
        print("To mend it:  python tools/lock.py")
        return 1
    print("uv.lock names PyPI's own hosts only.")
    return 0


def write(arguments: list[str]) -> int:
    """Locks with the canonical index whatever the environment says."""
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    if not Path(uv).exists():
        print("There is no uv on PATH. To mend it:  pipx install uv", file=sys.stderr)
        return 1
    environment = {
        name: value
        for name, value in os.environ.items()
        if not (name.startswith("UV_") and "INDEX" in name)
    }
    command = [uv, "lock", "--no-config", "--default-index", INDEX, *arguments]
    return subprocess.call(command, cwd=ROOT, env=environment) or check()


if __name__ == "__main__":
    sys.exit(check() if "--check" in sys.argv[1:] else write(sys.argv[1:]))
