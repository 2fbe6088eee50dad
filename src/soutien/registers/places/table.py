"""The table of French towns, as it is in the package.

The 34,969 communes and the 45 arrondissements of Paris, Lyon and Marseille are read once, on
first use, from `towns.tsv.xz` (made by tools/towns.py; sources in docs/data.md). Towns are kept
in order of population, so a smaller number in an index always means a larger town.
"""

from __future__ import annotations

import lzma
from bisect import bisect_left
from collections import defaultdict
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from soutien.registers.places.spelling import glued, plain

AFTER_LETTERS = "~"
_COLUMNS = 9


class Town(NamedTuple):
    """A commune or a municipal arrondissement.

    `latitude` and `longitude` are degrees. `precision` says what they are the position of:
    "town" (the town itself), "postcode" or "epci" (the mean of located neighbours, about 4 and
    8 km off at the median), "hand" (our own approximate point).
    """

    insee: str
    name: str
    postcodes: tuple[str, ...]
    departement: str
    latitude: float
    longitude: float
    population: int
    precision: str


class Table:
    """The towns and what is needed to find one by code, postcode or name."""

    def __init__(self, text: str) -> None:
        head, _, body = text.partition("\n\n")
        self.departements = dict(line.split("\t", 1) for line in head.splitlines())
        self.lines = body.splitlines()
        # One flat list cut by stride: three times faster than 35,000 short lists.
        cells = body.rstrip("\n").replace("\n", "\t").split("\t")
        self.codes, self.names, self.postcode_lists, self.departement_of, populations = (
            cells[column::_COLUMNS] for column in range(5)
        )
        self.populations = list(map(int, populations))
        self.number_of = {code: number for number, code in enumerate(self.codes)}
        plain_names = plain("\n".join(self.names))
        self.plain_names = plain_names.split("\n")
        self.keys = glued(plain_names).split("\n")
        self.by_key: dict[str, list[int]] = defaultdict(list)
        for number, key in enumerate(self.keys):
            self.by_key[key].append(number)
        self._by_alphabet = sorted(range(len(self.keys)), key=self.keys.__getitem__)
        self._sorted_keys = [self.keys[number] for number in self._by_alphabet]
        self._former: list[tuple[str, int]] | None = None

    def town(self, number: int) -> Town:
        insee, name, postcodes, departement, population, latitude, longitude, precision, _ = (
            self.lines[number].split("\t")
        )
        return Town(
            insee,
            name,
            tuple(postcodes.split()),
            departement,
            float(latitude),
            float(longitude),
            int(population),
            precision,
        )

    def with_prefix(self, prefix: str) -> list[int]:
        """Numbers of the towns whose key starts with `prefix`, unordered."""
        first = bisect_left(self._sorted_keys, prefix)
        last = bisect_left(self._sorted_keys, prefix + AFTER_LETTERS, first)
        return self._by_alphabet[first:last]

    def formerly(self, prefix: str) -> list[tuple[str, int]]:
        """(key, number) for the names of merged communes that start with `prefix`."""
        if self._former is None:
            self._former = sorted(
                (glued(plain(name)), number)
                for number, line in enumerate(self.lines)
                if not line.endswith("\t")
                for name in line.rsplit("\t", 1)[1].split("|")
            )
        first = bisect_left(self._former, (prefix, -1))
        last = bisect_left(self._former, (prefix + AFTER_LETTERS, -1), first)
        return self._former[first:last]


@lru_cache(maxsize=1)
def table() -> Table:
    packed = files(__package__).joinpath("towns.tsv.xz").read_bytes()
    return Table(lzma.decompress(packed).decode("utf-8"))
