"""What a file says beside what is kept: pure comparisons, nothing is written here.

Three voices may say a field or a place of a psychologist: the open RPPS file, the file of
partners, and the psychologist. The stronger voice wins, and the psychologist's own words always
do. An import remembers what it wrote: what no longer reads so was changed since, by somebody who
knows better, and becomes their own words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from soutien.registers.places.spelling import glued, plain
from soutien.registers.psychologists.models import (
    Agreement,
    FieldSource,
    PracticePlace,
    Psychologist,
    RegisteredPlace,
    Registration,
    Source,
)
from soutien.steps.said import (
    AgreementSaid,
    Change,
    PlaceSaid,
    Refused,
    RegisteredPlaceSaid,
    RegisterLine,
    Seen,
)

_RANK = {Source.REGISTER.value: 0, Source.PARTNER_FILE.value: 1, Source.OWN_WORDS.value: 2}
# More than this share gone at once is a truncated file, not people who left.
_LOSS_SHARE = 1 / 10
_LOSS_FLOOR = 20
_SELF_EMPLOYED = "L"


def too_many(gone: int, known: int) -> bool:
    """Whether so many gone of so many known look like a truncated file."""
    return gone > max(_LOSS_FLOOR, known * _LOSS_SHARE)


def search_name(given_name: str, family_name: str) -> str:
    """The name as it is searched: lower case, without accents and hyphens."""
    return " ".join(plain(f"{given_name} {family_name}").split())


def address_of(place: RegisteredPlaceSaid | PlaceSaid | RegisteredPlace | PracticePlace) -> str:
    """A place in one line, for a report."""
    return ", ".join(filter(None, [place.address_line, f"{place.postcode} {place.town_name}"]))


class RegisterPlan:
    """What a part of the open RPPS file changes in its register."""

    def __init__(self) -> None:
        self.people: dict[str, RegisterLine] = {}
        self.renamed: list[tuple[Registration, RegisterLine]] = []
        self.places: list[tuple[str, RegisteredPlaceSaid]] = []
        self.moved: list[tuple[RegisteredPlace, RegisteredPlaceSaid]] = []
        self.changes: list[Change] = []


_NAMES = ("given_name", "family_name")
_SAID = RegisteredPlaceSaid._fields[1:]


def register_plan(
    lines: Iterable[RegisterLine], known: Mapping[str, Registration], seen: Seen
) -> RegisterPlan:
    """What these lines change. A person's first line says the name, a place's first its address.

    ``seen`` learns who and what was met.
    """
    plan = RegisterPlan()
    places: dict[tuple[str, str], RegisteredPlace] = {
        (rpps, place.key): place for rpps, entry in known.items() for place in entry.places.all()
    }
    for line in lines:
        entry = known.get(line.rpps)
        if seen.first_meeting(line.rpps):
            _compare_person(plan, entry, line)
        if line.place is None or not seen.first_visit(line.rpps, line.place.key):
            continue
        _compare_place(plan, entry, places.get((line.rpps, line.place.key)), line)
    return plan


def _compare_person(plan: RegisterPlan, entry: Registration | None, line: RegisterLine) -> None:
    if entry is None:
        plan.people[line.rpps] = line
        plan.changes.append(Change(line.rpps, "added"))
        return
    changes = [
        Change(line.rpps, "changed", name, before, after)
        for name in _NAMES
        if (before := getattr(entry, name)) != (after := getattr(line, name))
    ]
    if entry.gone_on is not None:
        changes.insert(0, Change(line.rpps, "returned"))
    if changes:
        plan.renamed.append((entry, line))
        plan.changes += changes


def _compare_place(
    plan: RegisterPlan,
    entry: Registration | None,
    known: RegisteredPlace | None,
    line: RegisterLine,
) -> None:
    place = line.place
    assert place is not None
    if known is None:
        plan.places.append((line.rpps, place))
        if entry is not None:
            plan.changes.append(
                Change(line.rpps, "changed", "place", "", address_of(place)),
            )
        return
    changes = [
        Change(line.rpps, "changed", name, str(before), str(after))
        for name in _SAID
        if (before := getattr(known, name)) != (after := getattr(place, name))
    ]
    if known.closed_on is not None:
        changes.append(Change(line.rpps, "changed", "place", "", address_of(place)))
    if changes:
        plan.moved.append((known, place))
        plan.changes += changes


class FieldsPlan(NamedTuple):
    """Fields to write, fields to note as from this source, fields found to be own words."""

    write: dict[str, str | bool]
    note: list[str]
    own: list[str]
    kept: list[Change]


def fields_plan(
    psychologist: Psychologist,
    notes: Mapping[str, FieldSource],
    said: Mapping[str, str | bool],
    source: str,
) -> FieldsPlan:
    """Which fields a source may write. Nothing, where somebody stronger has spoken.

    A field without a note was never written by a file: it may be filled when it is blank.
    """
    plan = FieldsPlan({}, [], [], [])
    for name, value in said.items():
        now, note = getattr(psychologist, name), notes.get(name)
        if note is None:
            # An empty text is nobody's word; a box left unticked may well be.
            if now == "" and value != "":
                plan.write[name] = value
                plan.note.append(name)
            elif now != value:
                plan.kept.append(_kept(psychologist, name, value))
        elif note.source == Source.OWN_WORDS or str(now) != note.value:
            if note.source != Source.OWN_WORDS:
                plan.own.append(name)
            if now != value:
                plan.kept.append(_kept(psychologist, name, value))
        elif _RANK[note.source] <= _RANK[source]:
            if now != value:
                plan.write[name] = value
            if now != value or note.source != source:
                plan.note.append(name)
    return plan


def _kept(psychologist: Psychologist, name: str, value: str | bool) -> Change:
    return Change(psychologist.rpps, "kept", name, str(getattr(psychologist, name)), str(value))


class PlacesPlan(NamedTuple):
    """What a source changes among the places of one psychologist."""

    create: list[PlaceSaid]
    rewrite: list[tuple[PracticePlace, PlaceSaid]]
    close: list[PracticePlace]
    in_use: list[PracticePlace]
    own: list[PracticePlace]

    def changes(self, rpps: str) -> list[Change]:
        """The same as lines of a report."""
        return [
            *(Change(rpps, "changed", "place", "", address_of(said)) for said in self.create),
            *(
                Change(rpps, "changed", "place", address_of(row), address_of(said))
                for row, said in self.rewrite
            ),
            *(Change(rpps, "changed", "place", address_of(row), "") for row in self.close),
            *(Change(rpps, "kept", "place", address_of(row), "") for row in self.in_use),
        ]


_WRITTEN = PlaceSaid._fields[1:-1]
_COORDINATES = ("latitude", "longitude")


def place_digest(row: PracticePlace) -> str:
    """How a place reads, to see later whether somebody changed it."""
    told = [
        f"{value:.6f}" if name in _COORDINATES else str(value)
        for name in (*_WRITTEN, "step_free", "closed_on")
        for value in [getattr(row, name)]
    ]
    return blake2b("\x1f".join(told).encode(), digest_size=16).hexdigest()


def is_own(row: PracticePlace) -> bool:
    """Whether the place stands as the psychologist wrote it, or was changed since an import."""
    return row.source == Source.OWN_WORDS or place_digest(row) != row.source_digest


def address_key(insee: str, address_line: str) -> str:
    """One address, however it is spelled."""
    return f"{insee} {glued(plain(address_line))}"


def places_plan(
    rows: Collection[PracticePlace],
    said: Sequence[PlaceSaid],
    source: str,
    in_use: Collection[int],
) -> PlacesPlan:
    """What a source changes. Own places, and places with hours or appointments, stay as they are.

    One place that gives way to another in the same town has moved: it keeps its hours.
    """
    own = [row for row in rows if is_own(row)]
    mine = [row for row in rows if row.source == source and row not in own]
    by_key = {row.source_key: row for row in [*mine, *own] if row.source_key}
    own_addresses = {address_key(row.insee, row.address_line) for row in own}
    plan = PlacesPlan([], [], [], [], [row for row in own if row.source != Source.OWN_WORDS])
    for place in said:
        row = by_key.get(place.key)
        if row is None:
            if address_key(place.insee, place.address_line) not in own_addresses:
                plan.create.append(place)
        elif row not in own and (row.closed_on is not None or _reads_otherwise(row, place)):
            plan.rewrite.append((row, place))
    keys = {place.key for place in said}
    left = [row for row in mine if row.closed_on is None and row.source_key not in keys]
    if len(left) == len(plan.create) == 1 and left[0].insee == plan.create[0].insee:
        plan.rewrite.append((left.pop(), plan.create.pop()))
    plan.close.extend(row for row in left if row.pk not in in_use)
    plan.in_use.extend(row for row in left if row.pk in in_use)
    return plan


def _reads_otherwise(row: PracticePlace, said: PlaceSaid) -> bool:
    return any(getattr(row, name) != getattr(said, name) for name in _WRITTEN) or (
        said.step_free is not None and row.step_free != said.step_free
    )


def register_gives_way(rows: Collection[PracticePlace], said: Sequence[PlaceSaid]) -> bool:
    """Whether a stronger voice names places, so that those of the register are not shown."""
    return bool(said) or any(
        row.closed_on is None and (is_own(row) or row.source == Source.PARTNER_FILE)
        for row in rows
    )


def places_of_register(entry: Registration | None, zones: Mapping[str, str]) -> list[PlaceSaid]:
    """The self-employed places of an entry as practices; ``zones`` by INSEE code.

    A salaried place is no place of the programme unless the file of partners says so (R-156).
    """
    if entry is None or entry.gone_on is not None:
        return []
    return [
        PlaceSaid(
            key=place.key,
            label=place.structure_name,
            address_line=place.address_line,
            postcode=place.postcode,
            town_name=place.town_name,
            insee=place.insee,
            latitude=place.latitude,
            longitude=place.longitude,
            position_precision=place.position_precision,
            time_zone=zones[place.insee],
        )
        for place in sorted(entry.places.all(), key=lambda place: place.key)
        if place.closed_on is None and place.mode == _SELF_EMPLOYED
    ]


def phone_of_register(entry: Registration) -> str:
    """The telephone of the first self-employed place that has one."""
    places = sorted(entry.places.all(), key=lambda place: place.key)
    return next(
        (
            place.phone
            for place in places
            if place.phone and place.closed_on is None and place.mode == _SELF_EMPLOYED
        ),
        "",
    )


class AgreementsPlan(NamedTuple):
    """What the file of partners changes among the agreements of one psychologist."""

    create: list[AgreementSaid]
    rewrite: list[tuple[Agreement, AgreementSaid]]
    refused: list[Refused]


def agreements_plan(
    rows: Sequence[Agreement], said: Sequence[AgreementSaid], column: str
) -> AgreementsPlan:
    """Each period is the one that starts that day, else the only one it overlaps, else new.

    A period that would overlap another one of the file, or one it does not replace, is refused.
    """
    plan = AgreementsPlan([], [], [])
    left = list(rows)
    matched: list[tuple[AgreementSaid, Agreement | None]] = []
    for period in said:
        if any(_overlap(period, other) for other, _row in matched):
            plan.refused.append(
                _refused(period, column, "another line of the file has an agreement then")
            )
            continue
        same = [row for row in left if row.valid_from == period.valid_from]
        near = same or [row for row in left if _overlap(period, row)]
        if near:
            left.remove(near[0])
        matched.append((period, near[0] if near else None))
    for period, row in matched:
        if any(_overlap(period, other) for other in left):
            plan.refused.append(
                _refused(period, column, "overlaps an agreement that is already kept")
            )
        elif row is None:
            plan.create.append(period)
        elif _agreement_differs(row, period):
            plan.rewrite.append((row, period))
    return plan


def _refused(period: AgreementSaid, column: str, reason: str) -> Refused:
    return Refused(period.line, column, period.valid_from.isoformat(), reason)


def _overlap(period: AgreementSaid, other: AgreementSaid | Agreement) -> bool:
    return (other.valid_before is None or period.valid_from < other.valid_before) and (
        period.valid_before is None or other.valid_from < period.valid_before
    )


def _agreement_differs(row: Agreement, said: AgreementSaid) -> bool:
    """An empty cell never takes back a resignation that was received."""
    return (
        row.valid_from != said.valid_from
        or row.valid_before != said.valid_before
        or said.resignation_received_on not in (None, row.resignation_received_on)
    )
