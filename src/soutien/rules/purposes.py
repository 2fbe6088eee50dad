"""What somebody may say yes or no to, one purpose at a time, in texts that keep their version.

Making an appointment, keeping the count of the year and sending a sheet to the fund ask for no
consent: they are the service itself and its legal duties. Everything here can be refused without
losing a session.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import NamedTuple


class Text(NamedTuple):
    """One version of what is read before saying yes or no, in both languages.

    ``refused`` says what stops, or what never begins, when the answer is no.
    """

    version: int
    valid_from: date
    title: Mapping[str, str]
    asks: Mapping[str, str]
    refused: Mapping[str, str]


class Purpose(NamedTuple):
    """Why data would be used. ``in_use`` is false while the product does nothing of the kind."""

    code: str
    stands_unless_refused: bool
    in_use: bool
    texts: tuple[Text, ...]

    @property
    def text(self) -> Text:
        """The version that is shown now."""
        return self.texts[-1]


def _read() -> Mapping[str, Purpose]:
    data = tomllib.loads((files("soutien.rules") / "purposes.toml").read_text("utf-8"))
    return {
        code: Purpose(
            code=code,
            stands_unless_refused=told["stands_unless_refused"],
            in_use=told["in_use"],
            texts=tuple(
                Text(
                    version=text["version"],
                    valid_from=text["valid_from"],
                    title={"fr": text["title_fr"], "en": text["title_en"]},
                    asks={"fr": text["asks_fr"], "en": text["asks_en"]},
                    refused={"fr": text["refused_fr"], "en": text["refused_en"]},
                )
                for text in told["texts"]
            ),
        )
        for code, told in data.items()
    }


PURPOSES: Mapping[str, Purpose] = _read()
REMINDER_MAIL, REMINDER_TEXT = "reminder_mail", "reminder_text"
# Asked of young people old enough for an own space, and of nobody else.
CARE_DAYS = "care_days"
