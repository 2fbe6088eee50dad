"""docs/library.md: every example holds, and importing the law is quick and brings nobody along."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "library.md"
# Processor time, so that a busy machine does not count against it; the best of a few.
IMPORT_MS_MAX = 50
STARTED = """
import sys, time
before = time.process_time()
from soutien.rules import decide
spent = time.process_time() - before
own = {name.partition(".")[0] for name in sys.modules} - {"soutien", "__main__"}
print(round(spent * 1000), *sorted(own - set(sys.stdlib_module_names)))
"""


def started() -> tuple[int, set[str]]:
    """Milliseconds of an import in a fresh Python, and whose packages it brought."""
    words = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{STARTED}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return int(words[0]), set(words[1:])


def test_every_example_of_the_page_gives_what_it_says() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert failed == 0 and tried > 20


def test_importing_the_law_is_quick_and_needs_no_other_package() -> None:
    runs = [started() for _ in range(5)]
    assert min(spent for spent, _ in runs) < IMPORT_MS_MAX
    assert not set.union(*(packages for _, packages in runs))
