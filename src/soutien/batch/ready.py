"""A nation's sessions as numbers on the disk: read once from Parquet, then taken up at once.

A nation is a folder: ``persons``, ``sessions`` and perhaps ``wished``, with files of the same
names, in which all sessions of a person stand in one file. What is made ready stands beside them
in ``ready`` and is made again when a file changed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from soutien.batch.columns import TO_DECIDE
from soutien.batch.nation_files import FOLDERS, PERSONS, SESSIONS, WISHED
from soutien.batch.people import PAID, CompiledLaw, Grouped, Rows, compiled_law, decided, grouped
from soutien.batch.reading import PARQUET, InputError, Reader
from soutien.rules.codes import Profile, Status
from soutien.rules.decide import Decision
from soutien.rules.terms import Law

READY = "ready"
# Who people are, as far as a comparison is told by it.
TRAITS = ("sex", "area", "cover")
PLACE = "departement"
UNTOLD = "untold"
_SHAPE = 2
_ROWS_AT_ONCE = 1_000_000
_SMALL = {
    "kind", "status", "programme", "regime", "modality", "act_code", "linked_to",
    "third_party_requested", "prescribed", "performed", "sheet_complete", "amc", "practice",
    "referrer",
}  # fmt: skip
_SPANS = ("exemptions", "psychiatric", "agreements", "suspensions")
# Neither decided nor seen by those that are.
PASSED_OVER = int(Status.PENDING)
_ACCEPTED, _AMO = (Decision._fields.index(name) for name in ("accepted", "amo_cents"))
Bar = Callable[[str, int], Any]


class Part(NamedTuple):
    """Some people with all their sessions; ``wished`` is 1 for those that nobody held."""

    rows: Rows
    people: Any
    wished: Any
    birth_date: Any
    traits: dict[str, Any]
    accepted: Any = None
    amo_cents: Any = None


class Ready(NamedTuple):
    """A nation taken up: its parts one by one, the words of its people, rows not understood."""

    folder: Path
    parts: list[str]
    words: dict[str, list[str]]
    rejected: int
    sessions: int
    people: int

    def each(self) -> Iterator[Part]:
        """Each part in order."""
        for number in range(len(self.parts)):
            yield self.part(number)

    def part(self, number: int) -> Part:
        """One part, read from the disk."""
        return taken_up(self.folder / self.parts[number])


def _fingerprint(folder: Path) -> list[list[Any]]:
    found = []
    for name in FOLDERS:
        for path in sorted((folder / name).glob(f"*{PARQUET}")):
            stat = path.stat()
            found.append([f"{name}/{path.name}", stat.st_size, stat.st_mtime_ns])
    return found


def ready(folder: Path, law: Law, bar: Bar) -> Ready:
    """Takes up a nation, making it ready when that was not done. Raises InputError.

    Sessions held are decided once by the law as caisses applied it: that is their history.
    """
    if not (folder / SESSIONS).is_dir() or not (folder / PERSONS).is_dir():
        raise InputError(
            f"{folder} holds no nation: it needs the folders {PERSONS} and {SESSIONS} "
            "(soutien nation makes one)"
        )
    target, print_of = folder / READY, _fingerprint(folder)
    told = target / "ready.json"
    if told.exists():
        plan = json.loads(told.read_text("utf-8"))
        if plan["shape"] == _SHAPE and [plan["law"], plan["files"]] == [law.version, print_of]:
            return Ready(target, *(plan[name] for name in Ready._fields[1:]))
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(mode=0o700)
    made = _made(folder, target, law, bar)
    plan = {"shape": _SHAPE, "law": law.version, "files": print_of}
    plan |= made._asdict() | {"folder": READY}
    told.write_text(json.dumps(plan), "utf-8")
    return made


def _made(folder: Path, target: Path, law: Law, bar: Bar) -> Ready:
    words: dict[str, dict[str, int]] = {name: {} for name in (*TRAITS, PLACE)}
    parts, rejected, sessions, everybody = list[str](), 0, 0, list[pa.Array]()
    files = sorted((folder / SESSIONS).glob(f"*{PARQUET}"))
    applied = compiled_law(law, Profile.OPERATIONAL)
    with bar("making ready", sum(parquet.read_metadata(path).num_rows for path in files)) as shown:
        for path in files:
            table, wished, refused = _read(path, folder / WISHED / path.name)
            found = grouped(table.append_column("wished", pa.array(wished)))
            names = _numbered(found, folder / PERSONS / path.name, words, target / path.stem)
            _history(target / path.stem, applied)
            everybody.append(names)
            parts.append(path.stem)
            rejected += refused
            sessions += int((1 - wished).sum())
            shown.update(table.num_rows)
    all_names = pa.chunked_array(everybody, pa.binary())
    if len(pc.unique(all_names)) < len(all_names):
        raise InputError("a person's sessions stand in two files: put all of a person in one")
    return Ready(
        target,
        parts,
        {name: list(known) for name, known in words.items()},
        rejected,
        sessions,
        len(all_names),
    )


def _read(held: Path, wished: Path) -> tuple[pa.Table, Any, int]:
    """The sessions of a file and those wished beside it, and how many were not understood."""
    tables, flags, refused = [], [], 0
    for path, flag in ((held, 0), (wished, 1)):
        if not path.exists():
            continue
        for piece in Reader(path, _ROWS_AT_ONCE).pieces():
            assert piece is not None
            tables.append(piece.table)
            flags.append(np.full(piece.table.num_rows, flag, np.int8))
            refused += piece.rows - piece.table.num_rows
    if not tables:
        raise InputError(f"{held.name} holds no session")
    return pa.concat_tables(tables), np.concatenate(flags), refused


def _numbered(
    found: Grouped, persons: Path, words: dict[str, dict[str, int]], target: Path
) -> pa.Array:
    """Writes one part; the names of its people in the order in which they stand."""
    names = found.table.column("person").take(pa.array(found.people[:-1])).combine_chunks()
    birth_date = found.rows.birth_date[found.people[:-1]]
    target.mkdir()
    flags = found.table.column("wished").to_numpy().astype(np.int8)
    for name, array in {
        **_in_small(found.rows),
        "people": found.people,
        "wished": flags,
        "born": birth_date.astype(np.int32),
        **_traits(names, persons, words),
    }.items():
        np.save(target / f"{name}.npy", array)
    return names


def _history(target: Path, applied: CompiledLaw) -> None:
    """Writes which sessions were paid, and what the Assurance Maladie paid for them."""
    part = taken_up(target)
    status = np.where((part.wished == 0) & (part.rows.status == TO_DECIDE), TO_DECIDE, PASSED_OVER)
    kept = np.where(part.rows.status == PAID, PAID, status).astype(np.int8)
    out = decided(as_grouped(part, status=kept), applied, 1)
    accepted = out[:, _ACCEPTED] | (kept == PAID)
    np.save(target / "accepted.npy", accepted.astype(np.int8))
    np.save(target / "amo.npy", out[:, _AMO].astype(np.int32))


def _in_small(rows: Rows) -> dict[str, Any]:
    # Prices are part of the answer, whose numbers are all wide.
    small = {"price_cents": rows.price_cents}
    for name, array in rows._asdict().items():
        if name in _SPANS:
            kind = np.dtype([(field, np.int32) for field in array.dtype.names])
            small[name] = array.astype(kind)
        elif name != "price_cents":
            small[name] = array.astype(np.int8 if name in _SMALL else np.int32)
    return small


def _traits(names: pa.Array, path: Path, words: dict[str, dict[str, int]]) -> dict[str, Any]:
    """The place of each person's words in the lists of all words met so far."""
    if not path.exists():
        raise InputError(f"{path.parent.name} lacks {path.name}: every file of sessions has one")
    table = parquet.read_table(path)
    if missing := {"person", *TRAITS} - set(table.column_names):
        raise InputError(f"{PERSONS}/{path.name} lacks {', '.join(sorted(missing))}")
    known = table.column("person").cast(pa.string()).cast(pa.binary()).combine_chunks()
    places = pc.index_in(names, value_set=known)
    found = {}
    for trait in (*TRAITS, *({PLACE} & set(table.column_names))):
        texts = table.column(trait).cast(pa.string()).combine_chunks().take(places)
        coded = pc.fill_null(texts, UNTOLD).dictionary_encode()
        codes = [
            words[trait].setdefault(text, len(words[trait]))
            for text in coded.dictionary.to_pylist()
        ]
        found[trait] = np.array(codes, np.int16)[coded.indices.to_numpy()]
    return found


def taken_up(folder: Path) -> Part:
    """One part, read from the disk.

    Not mapped: for columns that cannot be written the law would be compiled once more.
    """

    def array(name: str) -> Any:
        return np.load(folder / f"{name}.npy")

    return Part(
        rows=Rows(*(array(name) for name in Rows._fields)),
        people=array("people"),
        wished=array("wished"),
        birth_date=array("born"),
        traits={
            name: array(name) for name in (*TRAITS, PLACE) if (folder / f"{name}.npy").exists()
        },
        accepted=array("accepted") if (folder / "accepted.npy").exists() else None,
        amo_cents=array("amo") if (folder / "amo.npy").exists() else None,
    )


def as_grouped(part: Part, **others: Any) -> Grouped:
    """The part as the compiled loop takes it, with some of its columns replaced."""
    return Grouped(pa.table({}), part.rows._replace(**others), part.people)
