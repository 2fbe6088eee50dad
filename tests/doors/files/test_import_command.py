"""`soutien import` from outside: what it prints, writes and leaves behind when it is killed."""

from __future__ import annotations

import csv
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.doors.files.made_up import csv_file, line, partner, rpps_file
from tests.factories import made_up_rpps
from tests.migrated_once import PostgresCopy, SqliteCopy

pytestmark = pytest.mark.own_file
PROGRAM = [sys.executable, "-m", "soutien.doors.cli.main"]
Imports = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def empty_registers(
    tmp_path_factory: pytest.TempPathFactory, tables_kept: SqliteCopy | PostgresCopy
) -> Path:
    """Registers without anybody, made once."""
    file = tmp_path_factory.mktemp("registers") / "empty.sqlite3"
    if not tables_kept.fill(f"sqlite:///{file}"):
        subprocess.run([*PROGRAM, "manage", "migrate", "-v0"], check=True, env=environment(file))
    return file


def environment(database: Path) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        "SOUTIEN_SECRET_KEY": "a secret for tests only, long enough to please Django",
        "SOUTIEN_SEALING_KEY": "a sealing key for tests only",
        "SOUTIEN_HOME": str(database.parent),
        "DATABASE_URL": f"sqlite:///{database}",
    }


@pytest.fixture
def database(empty_registers: Path, tmp_path: Path) -> Path:
    """Registers of one test."""
    copy = tmp_path / "registers.sqlite3"
    with sqlite3.connect(empty_registers) as old, sqlite3.connect(copy) as new:
        old.backup(new)
    return copy


@pytest.fixture
def imports(database: Path) -> Imports:
    """Runs ``soutien import`` as a process of its own."""

    def run(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, "import", *map(str, words)],
            env=environment(database),
            capture_output=True,
            text=True,
        )

    return run


def rows(database: Path, question: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(database) as connection:
        return connection.execute(question).fetchall()


def summary(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """The counts that were printed."""
    assert done.returncode == 0, done.stderr
    found = {}
    for told in done.stdout.splitlines():
        words = told.split()
        if words[0] in ("added", "returned", "changed", "unchanged", "gone", "refused"):
            found[words[0]] = int(words[1].replace(",", ""))
    return found


def test_a_file_is_imported_then_updated(imports: Imports, tmp_path: Path) -> None:
    first = rpps_file(tmp_path, [line(i) for i in range(1, 6)] + [line(9, finess="1")])
    report, changes = tmp_path / "refused.csv", tmp_path / "changes.csv"
    counts = {"added": 5, "changed": 0, "unchanged": 0, "gone": 0, "refused": 1}
    assert summary(imports("rpps", first, "--dry-run")) == counts
    assert summary(imports("rpps", first, "--report", report)) == counts
    with report.open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["line", "column", "value", "reason"],
            [
                "7",
                "Numéro FINESS site",
                "1",
                "is no FINESS number: it has not nine characters",
            ],
        ]
    again = imports("rpps", first)
    assert summary(again) == counts | {"added": 0, "unchanged": 5}
    second = rpps_file(
        tmp_path,
        [line(1), line(2, street="DU MODÈLE"), line(3), line(4), line(6)],
        "PS_202611210700.txt",
    )
    done = imports("rpps", second, "--changes", changes)
    assert summary(done) == {"added": 1, "changed": 1, "unchanged": 3, "gone": 1, "refused": 0}
    assert "(address_line 1)" in done.stdout
    assert "kept in history, hidden from the search" in done.stdout
    with changes.open(newline="") as file:
        assert sorted(csv.reader(file)) == sorted(
            [
                ["rpps", "what", "field", "before", "after"],
                [
                    made_up_rpps(2),
                    "changed",
                    "address_line",
                    "12b rue de l'Exemple",
                    "12b rue du Modèle",
                ],
                [made_up_rpps(5), "gone", "", "", ""],
                [made_up_rpps(6), "added", "", "", ""],
            ]
        )
    older = imports("rpps", first)
    assert older.returncode == 1
    assert "--date" in older.stderr


def test_partners_are_imported_and_found(imports: Imports, database: Path, tmp_path: Path) -> None:
    file = csv_file(tmp_path, [partner(1), partner(2, phone="01"), partner(3)])
    report = tmp_path / "refused.csv"
    done = imports("partners", file, "--report", report)
    assert summary(done) == {"added": 2, "changed": 0, "unchanged": 0, "gone": 0, "refused": 1}
    assert "3,phone,01,is no telephone number" in report.read_text().replace('"', "")
    assert summary(imports("partners", file)) == summary(done) | {"added": 0, "unchanged": 2}
    found = subprocess.run(
        [*PROGRAM, "find", "69290"], env=environment(database), capture_output=True, text=True
    )
    assert "2 psychologists within 10 km of Craponne" in found.stdout, found.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["rpps", "nowhere.txt"], "cannot open nowhere.txt"),
        (["rpps", "."], "cannot open ."),
        (["rpps", "{csv}"], "misses the columns"),
        (["partners", "{csv}", "--report", "/nowhere/x.csv"], "cannot open /nowhere/x.csv"),
        (["partners", "{csv}", "--date", "yesterday"], "invalid"),
        (["towns", "{csv}"], "invalid choice"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(
    imports: Imports, tmp_path: Path, words: list[str], told: str
) -> None:
    file = csv_file(tmp_path, [partner(1)])
    done = imports(*(word.format(csv=file) for word in words))
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_registers_that_do_not_exist_are_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [*PROGRAM, "import", "rpps", str(rpps_file(tmp_path, [line(1)]))],
        env=environment(tmp_path / "none.sqlite3"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "soutien manage migrate" in done.stderr


def test_a_killed_import_hides_nobody_and_runs_again(
    imports: Imports, database: Path, tmp_path: Path
) -> None:
    assert summary(imports("rpps", rpps_file(tmp_path, [line(99_999)])))["added"] == 1
    lines = [line(i, structure=f"R{i}") for i in range(1, 6_000)]
    file = rpps_file(tmp_path, lines, "PS_202611210700.txt")
    running = subprocess.Popen([*PROGRAM, "import", "rpps", str(file)], env=environment(database))
    count = "SELECT count(*) FROM psychologists_registration"
    deadline = time.monotonic() + 30
    while rows(database, count)[0][0] < 1_000 and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL
    left = rows(database, count)[0][0]
    assert isinstance(left, int)
    assert 1_000 <= left < 6_000
    assert left % 1000 == 1, "only whole parts"
    gone = "SELECT rpps FROM psychologists_registration WHERE gone_on IS NOT NULL"
    assert rows(database, gone) == []
    done = imports("rpps", file)
    assert summary(done)["added"] + summary(done)["unchanged"] == 5_999
    assert rows(database, gone) == [(made_up_rpps(99_999),)]
    assert rows(database, "SELECT state FROM psychologists_importrun ORDER BY id") == [
        ("done",),
        ("overtaken",),
        ("done",),
    ]


# A process remembers the size of the one that started it (``ru_maxrss`` outlives ``exec``), and a
# test runner is large: the import tells the high water of its own memory.
MEASURED = """
import sys
from pathlib import Path
from soutien.doors.cli.main import main
code = main(sys.argv[1:])
status = Path("/proc/self/status").read_text()
print("peak", next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
sys.exit(code)
"""


def peak_kib(file: Path, database: Path) -> int:
    """The most memory that an import of a file ever held."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "import", "rpps", str(file), "--allow-losses"],
        env=environment(database),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return int(done.stdout.rpartition("peak ")[2])


def test_two_hundred_thousand_lines_pass_in_a_fixed_memory(database: Path, tmp_path: Path) -> None:
    nurse = line(1, profession="60").encode()
    small = rpps_file(tmp_path, (line(i) for i in range(1, 3_000)), "PS_202611190700.txt")
    large = rpps_file(
        tmp_path,
        (line(i // 40).encode() if i % 40 == 0 else nurse for i in range(40, 200_000)),
    )
    few, many = peak_kib(small, database), peak_kib(large, database)
    # Python returns memory in lumps; the large file has some forty times as many bytes.
    assert many - few < 16 * 1024
    assert many < 250 * 1024
