"""What files of psychologists say, as plain values, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

_NUMBER_BYTES = 8


class RegisteredPlaceSaid(NamedTuple):
    """One activity, as the open RPPS file says it; degrees for the position of the commune."""

    key: str
    mode: str
    structure_name: str
    siret: str
    finess: str
    address_line: str
    complement: str
    postcode: str
    town_name: str
    insee: str
    latitude: float
    longitude: float
    position_precision: str
    phone: str
    email: str
    former_structure: str


class RegisterLine(NamedTuple):
    """One line of the open RPPS file; no place when the line gives no address at all."""

    rpps: str
    given_name: str
    family_name: str
    place: RegisteredPlaceSaid | None


class FormerNumberLine(NamedTuple):
    """A line of the time of ADELI numbers, before the RPPS knew psychologists."""

    adeli: str
    given_name: str
    family_name: str


class PlaceSaid(NamedTuple):
    """A practice, as a file says it; ``step_free`` None when the file does not tell."""

    key: str
    label: str
    address_line: str
    postcode: str
    town_name: str
    insee: str
    latitude: float
    longitude: float
    position_precision: str
    time_zone: str
    practice: str = "liberal"
    finess: str = ""
    step_free: bool | None = None


class AgreementSaid(NamedTuple):
    """A period under agreement, half-open, and the line that says it."""

    line: int
    valid_from: date
    valid_before: date | None
    resignation_received_on: date | None


class PartnerSaid(NamedTuple):
    """All that the file of partners says of one psychologist; ``fields`` by column of ours."""

    line: int
    rpps: str
    adeli: str
    fields: Mapping[str, str | bool]
    agreements: tuple[AgreementSaid, ...]
    places: tuple[PlaceSaid, ...]
    # Whether none of their lines was refused: else a place that is missing may be on one of them.
    whole: bool = True


class Change(NamedTuple):
    """What a file changes: ``what`` is added, returned, changed, kept, gone or placeless.

    ``kept``: the file says otherwise, and what stands is stronger or in use.
    """

    rpps: str
    what: str
    field: str = ""
    before: str = ""
    after: str = ""


class Refused(NamedTuple):
    """A line that was not taken, for the report."""

    line: int
    column: str
    value: str
    reason: str


class Outcome(NamedTuple):
    """What came of a part of a file."""

    changes: list[Change]
    refused: list[Refused]


@dataclass(slots=True)
class Seen:
    """Who and what a reading has met, as numbers; it grows with psychologists, not with lines.

    ``uncertain`` people have a refused line, and maybe others: nothing of theirs is taken as gone.
    """

    people: set[int] = field(default_factory=set)
    places: set[int] = field(default_factory=set)
    uncertain: set[int] = field(default_factory=set)

    def first_meeting(self, rpps: str) -> bool:
        """Whether the person is met for the first time, from now on no longer."""
        number = int(rpps)
        known = number in self.people
        self.people.add(number)
        return not known

    def first_visit(self, rpps: str, key: str) -> bool:
        """The same of one of their places."""
        number = _place_number(rpps, key)
        known = number in self.places
        self.places.add(number)
        return not known

    def doubt(self, rpps: str) -> None:
        """Takes note that a line of this person was refused."""
        self.uncertain.add(int(rpps))

    def met(self, rpps: str) -> bool:
        """Whether the file names this person."""
        number = int(rpps)
        return number in self.people or number in self.uncertain

    def misses_place(self, rpps: str, key: str) -> bool:
        """Whether the file names the person, for sure without this place."""
        number = int(rpps)
        return (
            number in self.people
            and number not in self.uncertain
            and _place_number(rpps, key) not in self.places
        )


def _place_number(rpps: str, key: str) -> int:
    digest = blake2b(f"{rpps} {key}".encode(), digest_size=_NUMBER_BYTES).digest()
    return int.from_bytes(digest, "big")
