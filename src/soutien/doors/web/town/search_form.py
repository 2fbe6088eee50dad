"""What a search of a portal asks, read from the address; anything else there is left aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.dateparse import parse_date

from soutien.registers.contents.models import KINDS
from soutien.registers.contents.search.asked import LONGEST_TEXT, Choices

PARIS = ZoneInfo("Europe/Paris")
FIRST_YEAR, LAST_YEAR = 1970, 2199
# The choice that is not kept with the others: people of the directory.
PEOPLE = "psychologist"
MOST_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """One search: what is typed, the choices made, the page."""

    text: str
    exact: bool
    in_title: bool
    in_text: bool
    kinds: tuple[str, ...]
    people: bool
    categories: tuple[str, ...]
    place: str
    since: date | None
    until: date | None
    newest_first: bool
    page: int

    @property
    def only_people(self) -> bool:
        """Whether nothing but psychologists is wanted."""
        return self.people and not self.kinds

    @property
    def narrowed(self) -> bool:
        """Whether some choice may leave a page out."""
        return bool(
            self.kinds
            or self.categories
            or self.place
            or self.since
            or self.until
            or self.exact
            or not (self.in_title and self.in_text)
        )

    def choices(self) -> Choices:
        """For the step."""
        after = self.until + timedelta(days=1) if self.until else None
        return Choices(
            in_title=self.in_title,
            in_text=self.in_text,
            kinds=self.kinds,
            categories=self.categories,
            place=self.place,
            since=_midnight(self.since),
            before=_midnight(after),
            newest_first=self.newest_first,
        )


def read(query: QueryDict, categories: Sequence[str]) -> Wanted:
    """What an address asks. Where nothing is ticked, one looks everywhere."""
    where = query.getlist("dans")
    in_title, in_text = "titre" in where, "texte" in where
    kinds = query.getlist("quoi")
    return Wanted(
        text=query.get("q", "").replace("\0", "")[:LONGEST_TEXT].strip(),
        exact=query.get("exact", "") == "1",
        in_title=in_title or not in_text,
        in_text=in_text or not in_title,
        kinds=tuple(kind for kind in KINDS if kind in kinds),
        people=PEOPLE in kinds,
        categories=tuple(slug for slug in categories if slug in query.getlist("rubrique")),
        place=query.get("lieu", "").replace("\0", "")[:80],
        since=_day(query.get("du", "")),
        until=_day(query.get("au", "")),
        newest_first=query.get("tri", "") == "date",
        page=_page(query.get("page", "")),
    )


@dataclass(frozen=True, slots=True)
class Option:
    """A choice beside its count."""

    value: str
    label: str
    count: int
    ticked: bool


def options(
    named: Mapping[str, str], counts: Mapping[str, int], ticked: Sequence[str]
) -> list[Option]:
    """Choices that would leave something, and those made."""
    return [
        Option(value, label, counts.get(value, 0), value in ticked)
        for value, label in named.items()
        if counts.get(value) or value in ticked
    ]


def _day(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR else None


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), PARIS)


def _page(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_PAGE))):
        return 1
    return min(MOST_PAGE, max(1, int(text)))
