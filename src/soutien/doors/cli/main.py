"""``soutien COMMAND …``: finds the command, reads its arguments, and tells errors in a sentence.

A command is a module with ``add_arguments(parser)`` and ``run(args) -> int``, or with
``pass_on(words) -> int`` when the arguments belong to another program. It is imported when it is
called, so that ``soutien law`` starts without Django.
"""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from typing import NamedTuple, NoReturn

from soutien.doors.environment import SettingError

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130


class Command(NamedTuple):
    """Where a command lives, and what it does in one line."""

    module: str
    summary: str


COMMANDS = {
    "decide": Command("soutien.doors.cli.decide", "decide sessions read from a JSON file"),
    "batch": Command(
        "soutien.doors.cli.batch", "decide every session of a file, however long, and prove it"
    ),
    "nation": Command(
        "soutien.doors.cli.nation", "make up a nation of people and sessions, as Parquet"
    ),
    "whatif": Command("soutien.doors.cli.whatif", "hold two laws side by side on the same people"),
    "indicators": Command(
        "soutien.doors.cli.indicators", "write open data on a nation, without small groups"
    ),
    "law": Command("soutien.doors.cli.law", "print the terms in force, their sources and history"),
    "score": Command("soutien.doors.cli.score", "score the answers to a questionnaire"),
    "towns": Command("soutien.doors.cli.towns", "find a French town by name or postcode"),
    "find": Command("soutien.doors.cli.find", "print the psychologists near a place"),
    "import": Command(
        "soutien.doors.cli.import_files", "read a file of psychologists into the registers"
    ),
    "claims": Command(
        "soutien.doors.cli.claims", "decide a file of paper claims, or compare two decisions"
    ),
    "accounts": Command(
        "soutien.doors.cli.accounts", "write claims or decisions as CSV or Parquet for accountants"
    ),
    "b2": Command("soutien.doors.cli.b2", "write, read and check invoices in the B2 format"),
    "payer": Command("soutien.doors.cli.payer", "read a payer's returns, or play the payer"),
    "demo": Command("soutien.doors.cli.demo", "start the product with made-up people"),
    "deliver": Command("soutien.doors.cli.deliver", "deliver mails, texts and read calendars"),
    "serve": Command("soutien.doors.cli.serve", "serve the product to its users"),
    "worker": Command(
        "soutien.doors.cli.worker", "offer freed times, deliver letters, read calendars"
    ),
    "scheduler": Command("soutien.doors.cli.scheduler", "run the daily and hourly jobs"),
    "status": Command("soutien.doors.cli.status", "say what waits, what failed and what to do"),
    "check": Command("soutien.doors.cli.check", "say whether the installation is fit to serve"),
    "database": Command("soutien.doors.cli.database", "give a database role what it needs"),
    "backup": Command("soutien.doors.cli.backup", "write everything into one encrypted file"),
    "restore": Command("soutien.doors.cli.restore", "fill an empty database from a backup"),
    "retention": Command(
        "soutien.doors.cli.retention", "remove what was kept long enough, or say what would go"
    ),
    "pay": Command("soutien.doors.cli.pay", "write and read the files of the bank"),
    "audit": Command("soutien.doors.cli.audit", "prove the journal of who saw what"),
    "account": Command(
        "soutien.doors.cli.account", "open, list and close accounts, and say who acts for whom"
    ),
    "content": Command(
        "soutien.doors.cli.content", "open towns' portals, index what they publish"
    ),
    "token": Command("soutien.doors.cli.token", "make and revoke keys for programs"),
    "keys": Command("soutien.doors.cli.keys", "make, list and replace the sealing keys"),
    "manage": Command("soutien.doors.cli.manage", "pass on to Django's own commands"),
}


class Parser(argparse.ArgumentParser):
    """Says what went wrong and what to do, instead of a usage line alone."""

    def error(self, message: str) -> NoReturn:
        self.exit(
            WRONG_USE,
            f"{self.prog}: {message}.\nWhat it understands:  {self.prog} --help\n",
        )


def overview() -> str:
    """All commands, one line each."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {command.summary}" for name, command in COMMANDS.items()]
    return "\n".join(
        [
            "Usage: soutien COMMAND [arguments]",
            "",
            *lines,
            "",
            "More about one:  soutien COMMAND --help",
        ]
    )


def unknown(name: str) -> str:
    """What to write instead of a command that does not exist."""
    near = difflib.get_close_matches(name, COMMANDS, n=1)
    hint = f" Did you mean `soutien {near[0]}`?" if near else ""
    return f"soutien: there is no command {name!r}.{hint}\n\n{overview()}"


def parser_of(name: str, module: ModuleType) -> Parser:
    """The parser of one command, as its module describes it."""
    parser = Parser(
        prog=f"soutien {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    return parser


def run_command(name: str, words: Sequence[str]) -> int:
    """Reads the arguments of one command and runs it."""
    command = COMMANDS[name]
    module = import_module(command.module)
    code: int
    if hasattr(module, "pass_on"):
        # `soutien manage migrate --help` is a question to Django, not to us.
        code = module.pass_on(words)
    else:
        parser = parser_of(name, module)
        code = module.run(parser.parse_args(words))
    return code


def answer(words: Sequence[str]) -> int:
    """Runs a command, or answers a question about them."""
    if not words or words[0] in {"-h", "--help", "help"}:
        print(overview())
        return DONE
    if words[0] == "--version":
        print(version("soutien"))
        return DONE
    if words[0] not in COMMANDS:
        print(unknown(words[0]), file=sys.stderr)
        return WRONG_USE
    return run_command(words[0], words[1:])


def main(words: Sequence[str] | None = None) -> int:
    """The program's exit code: 0 done, 1 failed, 2 wrong use, 130 interrupted."""
    try:
        code = answer(sys.argv[1:] if words is None else words)
        sys.stdout.flush()
    except SettingError as error:
        print(f"soutien: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # The reader (`| head`) has gone: nothing more to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


if __name__ == "__main__":
    sys.exit(main())
