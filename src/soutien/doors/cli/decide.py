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
    text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
    return json.loads(text)


def _complain(message: str) -> int:
    print(f"soutien decide: {message}", file=sys.stderr)
    return 2


def run(args: argparse.Namespace) -> int:
    """Print the decisions as a JSON list; 2 and a clear message when the file is not right."""
    try:
        cases = read_cases(_read(args.file))
        law = load_law(law_dates())
    except OSError as error:
        return _complain(f"cannot read {args.file}: {error.strerror}. Give the path of a file.")
    except UnicodeDecodeError:
        return _complain(f"{args.file} is not UTF-8 text. Save it as UTF-8.")
    except json.JSONDecodeError as error:
        return _complain(
            f"{args.file} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        )
    except CaseError as error:
        shown = error.problems[:SHOWN_PROBLEMS]
        more = len(error.problems) - len(shown)
        return _complain(
            f"{args.file} cannot be decided:\n  "
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
    json.dump(told, sys.stdout, ensure_ascii=False, indent=1)
    print()
    return 0
