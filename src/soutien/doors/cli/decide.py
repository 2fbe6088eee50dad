"""``soutien decide FILE``: decide cases of a JSON file by the law core."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from soutien.doors.environment import law_dates
from soutien.rules.answer import Answer, answer
from soutien.rules.casefile import CaseError, in_words, read_cases
from soutien.rules.explain import LANGUAGES, explain
from soutien.rules.terms import TermError, load_law

SHOWN_PROBLEMS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and the language of the explanation if one is wanted."""
    parser.add_argument("file", help="a JSON list of cases; - reads standard input")
    parser.add_argument(
        "--explain",
        choices=LANGUAGES,
        help="add for each reason and amount a sentence, its text, and what would change it",
    )


def explained(answered: Answer, lang: str) -> list[dict[str, Any]]:
    """The lines of an explanation as JSON objects; empty cautions are left out."""
    return [
        {
            "about": line.about,
            "code": line.code,
            "sentence": line.sentence,
            "article": line.article,
            "remedy": line.remedy,
            "rules": list(line.rules),
            **({"caution": line.caution} if line.caution else {}),
        }
        for line in explain(answered, lang)
    ]


def _read(name: str) -> Any:
    written = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    # Some editors put an invisible mark in front of UTF-8 text.
    return json.loads(written.decode("utf-8-sig"))


def _print(told: list[dict[str, Any]]) -> None:
    """JSON is UTF-8 whatever the terminal; half a character pair stays the escape it was."""
    text = json.dumps(told, ensure_ascii=False, indent=1)
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")


def _complain(message: str) -> int:
    print(f"soutien decide: {message}", file=sys.stderr)
    return 2


def run(args: argparse.Namespace) -> int:
    """Print the decisions as a JSON list; 2 and a clear message when the file is not right."""
    file = "standard input" if args.file == "-" else args.file
    try:
        cases = read_cases(_read(args.file))
        law = load_law(law_dates())
    except OSError as error:
        return _complain(f"cannot read {file}: {error.strerror}. Give the path of a file.")
    except UnicodeDecodeError:
        return _complain(f"{file} is not UTF-8 text. Save it as UTF-8.")
    except json.JSONDecodeError as error:
        return _complain(
            f"{file} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        )
    except (RecursionError, ValueError):
        return _complain(
            f"{file} holds lists within lists, or a number, far too long to be cases."
        )
    except CaseError as error:
        shown = error.problems[:SHOWN_PROBLEMS]
        more = len(error.problems) - len(shown)
        return _complain(
            f"{file} cannot be decided:\n  "
            + "\n  ".join(shown)
            + (f"\n  … and {more} more" if more else "")
            + "\nCorrect these places and try again; nothing was decided."
        )
    except TermError as error:
        return _complain(str(error))
    told = []
    for case_id, dossier in cases:
        answered = answer(dossier, law)
        words = in_words(case_id, answered)
        if args.explain:
            words["explanation"] = explained(answered, args.explain)
        told.append(words)
    _print(told)
    return 0
