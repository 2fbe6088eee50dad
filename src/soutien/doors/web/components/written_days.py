"""A day of long ago, typed as people write it: easier than a calendar."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from django import forms

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier january janv jan", "fevrier february fevr fev feb", "mars march mar",
            "avril april avr apr", "mai may", "juin june jun", "juillet july juil jul",
            "aout august aug", "septembre september sept sep", "octobre october oct",
            "novembre november nov", "decembre december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_WRITTEN = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th)? ([a-z]+) (\d{4})")
_DIGITS = re.compile(r"(\d{1,2})[ ./-]+(\d{1,2})[ ./-]+(\d{4})|(\d{2})(\d{2})(\d{4})")


def read_day(text: str) -> date:
    """A day as people write it: 17/05/1990, 17051990, 17 mai 1990, 1990-05-17. Day first.

    Raises ValueError for anything else, and for days that do not exist.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    plain = " ".join(plain.replace(",", " ").split())
    if found := _ISO.fullmatch(plain):
        year, month, day = map(int, found.groups())
    elif found := _DIGITS.fullmatch(plain):
        day, month, year = (int(part) for part in found.groups() if part)
    elif found := _WRITTEN.fullmatch(plain.replace(".", "")):
        day, year, month = int(found[1]), int(found[3]), _MONTHS.get(found[2], 0)
    else:
        raise ValueError(text)
    return date(year, month, day)


class WrittenDayField(forms.Field):
    """A day typed as people write it. Easier than a calendar for a day long ago."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, date) or value in self.empty_values:
            return value or None
        try:
            return read_day(str(value))
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], "invalid") from None

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%d/%m/%Y}" if isinstance(value, date) else value
