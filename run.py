#!/usr/bin/env python3
"""Sets Soutien up and starts it. Needs Python 3.11 or later and nothing else.

python3 run.py demo [--port N] [--reset]        the whole product with made-up people
python3 run.py test [--only STEP] [--fail-fast] [pytest arguments]
python3 run.py soutien COMMAND …                the command line, for example: soutien law
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parent
OLDEST_PYTHON = (3, 11)
ENVIRONMENT = ROOT / ".venv"
TOOLS = ROOT / ".tools"
UV_VERSION = "0.13.9"
OLDEST_UV = (0, 9)
MACHINE_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
MEND_VENV = "sudo apt-get install -y python3-venv"
MEND_CHROMIUM = "sudo apt-get install -y chromium"
NAMES_OF_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
NOTHING_COLLECTED = 5
INTERRUPTED = 130


def say(text: str) -> None:
    """Tells what happens. On stderr: stdout belongs to the command that was asked for."""
    print(text, file=sys.stderr, flush=True)


def stop(text: str, mend: str = "") -> NoReturn:
    """Ends with what is wrong and the one command that mends it."""
    say(f"Soutien: {text}")
    if mend:
        say(f"To mend it:  {mend}")
    sys.exit(1)


# --- Setting up --------------------------------------------------------------------------------


def plain_environment() -> dict[str, str]:
    """The caller's environment without what would send Python or uv elsewhere, or slow them."""
    unwanted = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "UV_PYTHON", "__PYVENV_LAUNCHER__"}
    # Without compiled files each process of the product, and many a test, starts a second later.
    unwanted.add("PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if name not in unwanted}
    environment["UV_PYTHON_DOWNLOADS"] = "never"
    environment["UV_PROJECT_ENVIRONMENT"] = str(ENVIRONMENT)
    if MACHINE_CERTIFICATES.exists():
        # The machine's own certificates: a company's proxy is then trusted as everywhere else.
        environment.setdefault("SSL_CERT_FILE", str(MACHINE_CERTIFICATES))
        environment.setdefault("PIP_CERT", str(MACHINE_CERTIFICATES))
    home = Path(environment.get("HOME") or "/nonexistent")
    if not os.access(home, os.W_OK) and "UV_CACHE_DIR" not in environment:
        environment["UV_CACHE_DIR"] = str(TOOLS / "cache")
    return environment


def quietly(command: list[str | Path], environment: dict[str, str]) -> str | None:
    """What a command printed, or None when it failed or does not exist."""
    try:
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout


def recent_uv(environment: dict[str, str]) -> str | None:
    """A uv on PATH that understands our lock file, or the one we installed before."""
    for candidate in (shutil.which("uv"), TOOLS / "bin" / "uv"):
        answer = quietly([candidate, "--version"], environment) if candidate else None
        found = re.match(r"uv (\d+)\.(\d+)", answer or "")
        if found and (int(found[1]), int(found[2])) >= OLDEST_UV:
            return str(candidate)
    return None


def running_interpreter() -> str:
    """The Python that runs this file; the one below, when that is a virtual environment's."""
    return str(getattr(sys, "_base_executable", "") or sys.executable)


def installed_uv(environment: dict[str, str]) -> str:
    """Installs the pinned uv in .tools and returns its path."""
    say(f"Installing uv {UV_VERSION} in .tools …")
    python = running_interpreter()
    made = subprocess.run(
        [python, "-m", "venv", "--clear", TOOLS], env=environment, capture_output=True, text=True
    )
    if made.returncode:
        shutil.rmtree(TOOLS, ignore_errors=True)
        if "ensurepip" in made.stdout + made.stderr or "No module named venv" in made.stderr:
            stop("this Python cannot make virtual environments.", MEND_VENV)
        stop(f"the environment .tools cannot be made: {last_line(made.stdout + made.stderr)}")
    installed = subprocess.run(
        [
            TOOLS / "bin" / "python",
            *["-m", "pip", "install", "--quiet", "--disable-pip-version-check"],
            f"uv=={UV_VERSION}",
        ],
        env=environment,
        stdout=sys.stderr,
    )
    if installed.returncode:
        shutil.rmtree(TOOLS, ignore_errors=True)
        stop(
            "uv could not be installed from PyPI (is the network reachable? behind a proxy, set "
            "HTTPS_PROXY). An uv installed by you, on PATH, is used as it is."
        )
    return str(TOOLS / "bin" / "uv")


def last_line(text: str) -> str:
    """The last line that says something."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def fingerprint(python: Path) -> str:
    """Changes when the environment must be brought up to date."""
    digest = hashlib.sha256()
    for part in (ROOT / "uv.lock", ROOT / "pyproject.toml"):
        digest.update(part.read_bytes())
    digest.update(str(python.resolve()).encode())
    return digest.hexdigest()


def ready(*, with_tools: bool) -> dict[str, str]:
    """Brings .venv up to date when it is not, and returns the environment to run programs in.

    ``with_tools`` adds what developers need; what is already there is never removed.
    """
    environment = plain_environment()
    python = ENVIRONMENT / "bin" / "python"
    stamps = {kind: ENVIRONMENT / f".soutien-{kind}" for kind in ("product", "tools")}
    wanted = stamps["tools"] if with_tools else stamps["product"]
    home = ENVIRONMENT / ".soutien-root"
    if home.exists() and home.read_text() != str(ROOT):
        # Its programs would start those of the place it was made in.
        say("This clone was moved or copied: making .venv again.")
        shutil.rmtree(ENVIRONMENT)
    good = python.exists() and quietly([python, "-c", ""], environment) is not None
    if good:
        current = fingerprint(python)
        if any(s.exists() and s.read_text() == current for s in {wanted, stamps["tools"]}):
            return environment
    uv = recent_uv(environment) or installed_uv(environment)
    say("Bringing .venv up to date …")
    started = time.monotonic()
    if not good:
        environment["UV_PYTHON"] = running_interpreter()
    groups = ["--group", "dev", "--group", "e2e"] if with_tools else ["--no-default-groups"]
    done = subprocess.run(
        [uv, "sync", "--frozen", "--inexact", "--compile-bytecode", *groups],
        env=environment,
        cwd=ROOT,
        stdout=sys.stderr,
    )
    if done.returncode:
        stop(
            "the packages named in uv.lock could not be installed; the lines above say why. "
            "If .venv belongs to another user or is damaged, remove it and start again."
        )
    wanted.write_text(fingerprint(python))
    home.write_text(str(ROOT))
    say(f"Ready in {time.monotonic() - started:.1f} s.")
    return environment


# --- demo and soutien --------------------------------------------------------------------------


def become(command: list[str | Path], environment: dict[str, str]) -> NoReturn:
    """Turns this process into the command: its output, signals and exit code are its own."""
    sys.stdout.flush()
    sys.stderr.flush()
    words = [str(word) for word in command]
    os.execve(words[0], words, environment)


def demo(arguments: list[str]) -> NoReturn:
    """The product with made-up people, on SQLite, in .demo."""
    environment = ready(with_tools=False)
    environment["SOUTIEN_DEMO"] = "1"
    environment["SOUTIEN_HOME"] = str(ROOT / ".demo")
    become([ENVIRONMENT / "bin" / "soutien", "demo", *arguments], environment)


def soutien(arguments: list[str]) -> NoReturn:
    """The command line. Without settings of one's own, it looks at the demo's data."""
    environment = ready(with_tools=False)
    if not environment.get("SOUTIEN_SECRET_KEY"):
        environment.setdefault("SOUTIEN_DEMO", "1")
        environment.setdefault("SOUTIEN_HOME", str(ROOT / ".demo"))
    become([ENVIRONMENT / "bin" / "soutien", *arguments], environment)


# --- test --------------------------------------------------------------------------------------


class Step(NamedTuple):
    """One check: its name, its command, and what must be so before it can run."""

    name: str
    command: list[str]
    pytest: bool = False
    prepare: Callable[[dict[str, str]], str] = lambda environment: ""


class Outcome(NamedTuple):
    """How a step ended: ``ok``, ``failed`` or ``nothing`` (no test matched), and its last word."""

    name: str
    state: str
    seconds: float
    closing: str


def chromium_is_there(environment: dict[str, str]) -> str:
    """Empty when there is a Chromium, else the sentence to show. In CI it is installed."""
    named = environment.get("SOUTIEN_CHROMIUM")
    if named:
        return "" if Path(named).exists() else f"SOUTIEN_CHROMIUM names {named}: no such file."
    if any(map(shutil.which, NAMES_OF_CHROMIUM)):
        return ""
    missing = f"there is no Chromium for the browser tests. To mend it:  {MEND_CHROMIUM}"
    if not in_ci() or not shutil.which("apt-get"):
        return missing
    rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    for words in (
        ["update", "-q"],
        ["install", "-y", "-q", "--no-install-recommends", "chromium"],
    ):
        say(f"Continuous integration: {' '.join([*rights, 'apt-get', *words])}")
        if subprocess.call([*rights, *apt, *words], stdout=sys.stderr):
            return missing
    return "" if any(map(shutil.which, NAMES_OF_CHROMIUM)) else missing


WITHOUT_DATABASE = (
    *("house", "law", "rules", "batch", "registers/places", "doors/files"),
    "steps/test_permissions.py",
)


def in_ci() -> bool:
    """True where CI is set, as every continuous integration does."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def steps(arguments: list[str]) -> list[Step]:
    """All checks in order. With arguments for pytest, only the tests."""
    several = (os.cpu_count() or 1) > 1 and not arguments
    workers = ["-n", "2"] if several else []
    # The slowest are told, so that whoever adds to them sees it.
    slowest = [] if arguments else ["--durations", "20", "--durations-min", "4"]
    engines = ["-m", "not browser", *slowest]
    tests = [
        Step("sqlite", ["pytest", *engines, *workers, *arguments], pytest=True),
        Step(
            "postgresql",
            [
                *["python", "-m", "tests.postgres", "pytest", *slowest, *workers],
                *["-m", "not browser and not own_file"],
                # What opens no database, or one of its own, gives the same answer on any engine.
                *[f"--ignore=tests/{part}" for part in WITHOUT_DATABASE],
                *arguments,
            ],
            pytest=True,
        ),
        Step(
            "browser",
            # A browser is a second program with a time of its own: a story that stumbled is told
            # once more before it counts, and the last lines name it (decision 50).
            ["pytest", "-m", "browser", "--reruns", "1", "-rR", *slowest, *workers, *arguments],
            pytest=True,
            prepare=chromium_is_there,
        ),
    ]
    if arguments:
        return tests
    return [
        Step("format", ["ruff", "format", "--check", "."]),
        Step("lint", ["ruff", "check", "."]),
        Step("types", ["mypy"]),
        Step("contracts", ["lint-imports", "--no-logo"]),
        Step("lock", ["python", "tools/lock.py", "--check"]),
        Step(
            "migrations",
            [
                *["python", "-m", "django", "makemigrations"],
                *["--check", "--dry-run", "--settings=tests.settings"],
            ],
        ),
        *tests,
    ]


def watched(step: Step, environment: dict[str, str]) -> tuple[int, str]:
    """Runs a step, shows its output as it comes, and returns its code and last line."""
    program, *words = step.command
    closing = ""
    with subprocess.Popen(
        [ENVIRONMENT / "bin" / program, *words],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        for raw in process.stdout or ():
            sys.stdout.buffer.write(raw)
            sys.stdout.buffer.flush()
            line = re.sub(r"\x1b\[[0-9;]*m", "", raw.decode(errors="replace")).strip(" =\n")
            closing = line or closing
    return process.returncode, closing


def run_step(step: Step, environment: dict[str, str]) -> Outcome:
    """Prepares and runs one step."""
    print(f"\n── {step.name}", flush=True)
    started = time.monotonic()
    obstacle = step.prepare(environment)
    if obstacle:
        print(obstacle, flush=True)
        return Outcome(step.name, "failed", time.monotonic() - started, obstacle)
    code, closing = watched(step, environment)
    state = "ok" if code == 0 else "failed"
    if step.pytest and code == NOTHING_COLLECTED:
        state = "nothing"
    return Outcome(step.name, state, time.monotonic() - started, closing if step.pytest else "")


def test(arguments: list[str]) -> int:
    """Runs the checks one after the other; all of them, even when one fails."""
    names = [step.name for step in steps([])]
    parser = argparse.ArgumentParser(
        prog="run.py test",
        description=f"Steps, in order: {', '.join(names)}. Other arguments go to pytest, "
        "and then only the tests run.",
    )
    parser.add_argument("--only", action="append", choices=names, metavar="STEP", default=[])
    parser.add_argument("--fail-fast", action="store_true", help="stop at the first failure")
    options, rest = parser.parse_known_args(arguments)
    environment = ready(with_tools=True)
    environment["PATH"] = f"{ENVIRONMENT / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    environment["PYTHONPATH"] = str(ROOT)
    if sys.stdout.isatty():
        environment.setdefault("FORCE_COLOR", "1")
    outcomes: list[Outcome] = []
    for step in steps(rest):
        if options.only and step.name not in options.only:
            continue
        outcomes.append(run_step(step, environment))
        if options.fail_fast and outcomes[-1].state == "failed":
            break
    return summary(outcomes, expected_empty=bool(rest))


def summary(outcomes: list[Outcome], *, expected_empty: bool) -> int:
    """Prints one line a step and returns the exit code.

    A run of chosen tests may find none on one engine, but not on all; a full run must find some.
    """
    print("\n── summary")
    for name, state, seconds, closing in outcomes:
        print(f"{state:8}{name:12}{seconds:7.1f} s   {closing}".rstrip())
    empty = [outcome for outcome in outcomes if outcome.state == "nothing"]
    if empty and (not expected_empty or len(empty) == len(outcomes)):
        print(f"No test was found by: {', '.join(outcome.name for outcome in empty)}.")
        return 1
    failed = [outcome.name for outcome in outcomes if outcome.state == "failed"]
    if failed:
        print(f"Failed: {', '.join(failed)}. One step alone: python3 run.py test --only STEP")
    else:
        print(f"All good in {sum(outcome.seconds for outcome in outcomes):.0f} s.")
    return 1 if failed else 0


# --- the door ----------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    """Chooses what to do. Wrong use says what to write, with code 2."""
    if sys.version_info < OLDEST_PYTHON:
        stop(
            f"Python 3.11 or later is needed; this is {sys.version.split()[0]}.",
            f"python3.12 run.py {' '.join(arguments)}",
        )
    commands: dict[str, Callable[[list[str]], int]] = {
        "demo": demo,
        "test": test,
        "soutien": soutien,
    }
    if arguments and arguments[0] in {"-h", "--help"}:
        print(__doc__.strip())
        return 0
    if not arguments or arguments[0] not in commands:
        wrong = f"There is no {arguments[0]!r} here." if arguments else "Say what to do."
        say(f"{wrong}\n\n{__doc__.strip()}")
        return 2
    return commands[arguments[0]](arguments[1:])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
