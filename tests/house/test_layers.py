"""Arrows only go down. Each contract is kept, and is seen to break when an import is planted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.house.sources import PACKAGE, ROOT, imported_names, modules, short

PLANTED = [
    ("layers", "registers/people/planted.py", "import soutien.steps"),
    ("layers", "rules/planted.py", "import soutien.registers"),
    ("layers", "steps/planted.py", "import soutien.doors.web.urls"),
    ("layers", "sealing/planted.py", "import soutien.rules.codes"),
    ("layers", "protections/planted.py", "import soutien.registers"),
    ("layers", "protections/planted.py", "import soutien.sealing"),
    ("layers", "bulk.py", "import soutien.registers"),
    ("layers", "leftover/__init__.py", '"""A folder that no layer names."""'),
    ("layers", "batch/planted.py", "import soutien.steps"),
    ("batch", "batch/planted.py", "import soutien.registers"),
    ("rules", "rules/planted.py", "import django"),
    ("rules", "rules/planted.py", "import numpy"),
    ("registers", "registers/people/planted.py", "import soutien.registers.care.models"),
    ("doors", "doors/web/planted.py", "import soutien.doors.cli.main"),
    ("doors", "doors/web/planted.py", "import soutien.doors.settings"),
    ("siblings", "rules/knot/__init__.py", "import soutien.rules.other_knot"),
]
ALSO = {"rules/knot/__init__.py": ("rules/other_knot/__init__.py", "import soutien.rules.knot")}


def lint_imports(sources: Path, contract: str) -> subprocess.CompletedProcess[str]:
    """Runs one contract on a copy of the package."""
    program = "import sys; from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [
            *[sys.executable, "-c", program, "--no-cache", "--no-logo"],
            *["--config", str(ROOT / "pyproject.toml"), "--contract", contract],
        ],
        cwd=sources,
        env=os.environ | {"PYTHONPATH": str(sources)},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the package's Python files that may be spoiled."""
    shutil.copytree(
        PACKAGE,
        tmp_path / "soutien",
        ignore=shutil.ignore_patterns("__pycache__", "static", "templates", "*.xz", "*.json"),
    )
    return tmp_path


@pytest.mark.parametrize(
    ("contract", "file", "line"), PLANTED, ids=[f"{row[0]}:{row[1]}" for row in PLANTED]
)
def test_a_planted_import_breaks_its_contract(
    copied: Path, contract: str, file: str, line: str
) -> None:
    for name, text in [(file, line), *([ALSO[file]] if file in ALSO else [])]:
        planted = copied / "soutien" / name
        planted.parent.mkdir(exist_ok=True)
        planted.write_text(f"{text}\n")
    done = lint_imports(copied, contract)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout or "leftover" in done.stdout


def test_the_law_imports_the_standard_library_only() -> None:
    wrong = [
        f"{short(path)}:{line}: {name}"
        for path in modules("rules")
        for line, name in imported_names(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith("soutien.rules")
    ]
    assert not wrong, "\n".join(wrong)
