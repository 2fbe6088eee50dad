"""The open RPPS file (``PS_LibreAcces_Personne_activite``), read for its psychologists.

UTF-8 text, one activity a line, columns parted by ``|`` and found by name. Everything but
psychologists is passed over as bytes: 2.4 million lines are read in seconds, and none is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from types import MappingProxyType

from soutien.doors.files.communes import commune, postal_name
from soutien.doors.files.lines import (
    LONGEST_LINE_BYTES,
    RawLines,
    Unreadable,
    columns_found,
    header_cells,
    missing_columns,
    no_such_number,
    unprintable,
)
from soutien.registers.places.spelling import glued, plain
from soutien.rules.identifiers import (
    adeli_of_psychologist,
    finess_fault,
    rpps_fault,
    rpps_holds,
    siret_fault,
    written,
)
from soutien.steps.said import FormerNumberLine, RegisteredPlaceSaid, RegisterLine

PSYCHOLOGIST = "93"
_SEPARATOR = b"|"
_RPPS, _ADELI = "8", "0"
_STRUCTURE = " (coord. structure)"
# Our name of each column we read: the name in the file.
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "number_kind": "Type d'identifiant PP",
        "number": "Identifiant PP",
        "family_name": "Nom d'exercice",
        "given_name": "Prénom d'exercice",
        "profession": "Code profession",
        "mode": "Code mode exercice",
        "siret": "Numéro SIRET site",
        "finess": "Numéro FINESS site",
        "structure": "Identifiant technique de la structure",
        "company": "Raison sociale site",
        "sign": "Enseigne commerciale site",
        "recipient": f"Complément destinataire{_STRUCTURE}",
        "point": f"Complément point géographique{_STRUCTURE}",
        "street_number": f"Numéro Voie{_STRUCTURE}",
        "street_suffix": f"Indice répétition voie{_STRUCTURE}",
        "street_kind": f"Libellé type de voie{_STRUCTURE}",
        "street": f"Libellé Voie{_STRUCTURE}",
        "mention": f"Mention distribution{_STRUCTURE}",
        "cedex": f"Bureau cedex{_STRUCTURE}",
        "postcode": f"Code postal{_STRUCTURE}",
        "insee": f"Code commune{_STRUCTURE}",
        "town": f"Libellé commune{_STRUCTURE}",
        "phone": f"Téléphone{_STRUCTURE}",
        "email": f"Adresse e-mail{_STRUCTURE}",
        "former_structure": "Ancien identifiant de la structure",
    }
)
_NAME_MAX, _LABEL_MAX, _ADDRESS_MAX, _PHONE_MAX, _EMAIL_MAX = 80, 120, 160, 20, 254
_FORMER_MAX, _KEY_MAX = 40, 60
_MODES = frozenset({"L", "S", "B"})
_ADDRESS = ("street_number", "street", "mention", "cedex", "postcode", "insee", "town")
_LITTLE = frozenset(
    ["a", "à", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "sur"]
)
_WORD = re.compile(r"[^\W\d_]+")
_NOT_DIALLED = re.compile(r"[^0-9+]")
_ADDRESS_OF_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_POSTCODE_FIRST = re.compile(r"^\s*[0-9]{5}\s+")


class RppsFile:
    """The psychologists of an open RPPS file, one item a line: taken, former, or refused.

    Give ``lines`` at its first line. Raises FileError when a column is missing.
    """

    def __init__(self, lines: RawLines) -> None:
        self._lines = lines
        cells = header_cells(lines.header(), lines.path.name).split("|")
        # The file ends each line with a separator, and one empty column too many.
        if cells[-1] == "":
            cells.pop()
        wanted = {ours: (name,) for ours, name in COLUMNS.items()}
        self._at = columns_found(cells, wanted, lines.path.name)
        missing = [name for ours, name in COLUMNS.items() if ours not in self._at]
        if missing:
            raise missing_columns(missing, cells, lines.path.name)
        self._count = len(cells)
        inside = 0 < self._at["profession"] < self._count - 1
        self._mark = f"|{PSYCHOLOGIST}|".encode() if inside else PSYCHOLOGIST.encode()
        self.psychologist_lines = 0

    def __iter__(self) -> Iterator[RegisterLine | FormerNumberLine | Unreadable]:
        """What the file says of psychologists. The line's number is that of ``lines``."""
        # A separator may end each line, or not: the first line tells for all, since a line with
        # one column less and a separator at its end would look whole.
        usual: int | None = None
        whole = (self._count - 1, self._count)
        profession = self._at["profession"]
        code = PSYCHOLOGIST.encode()
        for raw in self._lines:
            found = raw.count(_SEPARATOR)
            if found != usual:
                if usual is not None or found not in whole:
                    if raw.strip():
                        yield self._misshapen(raw, usual or self._count)
                    continue
                usual = found
            # Almost every line is somebody else's: the cheapest question comes first.
            if self._mark not in raw:
                continue
            cells = raw.rstrip(b"\r\n").split(_SEPARATOR)
            if cells[profession] == code:
                self.psychologist_lines += 1
                last = cells[self._count :]
                yield self._misshapen(raw, found) if any(last) else self._read(cells)

    def number_of(self, refused: Unreadable) -> str:
        """The RPPS number that a refused line names all the same; empty when it names none."""
        return refused.rpps if isinstance(refused, _Refused) else ""

    def _misshapen(self, raw: bytes, usual: int) -> Unreadable:
        """A line with other columns; the number is read where it should stand."""
        cells = raw.rstrip(b"\r\n").split(_SEPARATOR)
        found = len(cells) - 1
        reason = f"{found} separators (|) instead of {usual}"
        if found == usual:
            reason = "one column too many"
        if len(raw) >= LONGEST_LINE_BYTES:
            reason = f"longer than {LONGEST_LINE_BYTES} bytes"
        place = self._at["number"]
        number = cells[place] if len(cells) > place else b""
        start = raw[:_ADDRESS_MAX].decode("utf-8", "replace").strip()
        return _Refused("", start, reason, _number(number.decode("utf-8", "replace")))

    def _read(self, cells: list[bytes]) -> RegisterLine | FormerNumberLine | Unreadable:
        number = _number(cells[self._at["number"]].decode("utf-8", "replace"))
        try:
            return self._taken(self._decoded(cells))
        except Unreadable as refused:
            return _Refused(refused.column, refused.value, refused.reason, number)

    def _decoded(self, cells: list[bytes]) -> dict[str, str]:
        said = {}
        for ours, place in self._at.items():
            try:
                said[ours] = cells[place].decode("utf-8").strip()
            except UnicodeDecodeError:
                shown = cells[place].decode("utf-8", "replace")
                raise Unreadable(COLUMNS[ours], shown, "is not UTF-8 text") from None
            if unprintable(said[ours]):
                raise Unreadable(COLUMNS[ours], said[ours], "holds a control character")
        return said

    def _taken(self, said: Mapping[str, str]) -> RegisterLine | FormerNumberLine:
        given_name, family_name = (_name(said, column) for column in ("given_name", "family_name"))
        number = written(said["number"])
        if said["number_kind"] == _ADELI:
            if not adeli_of_psychologist(number):
                raise _wrong(said, "number", "is no ADELI number of a psychologist")
            return FormerNumberLine(number, given_name, family_name)
        if said["number_kind"] != _RPPS:
            raise _wrong(said, "number_kind", "is neither 8 (RPPS) nor 0 (ADELI)")
        fault = rpps_fault(number)
        if fault:
            raise _wrong(said, "number", no_such_number("RPPS", fault))
        return RegisterLine(number, given_name, family_name, _place(said))


class _Refused(Unreadable):
    """A refused line that may still say whom it is about."""

    def __init__(self, column: str, value: str, reason: str, rpps: str) -> None:
        super().__init__(column, value, reason)
        self.rpps = rpps


def _number(text: str) -> str:
    number = written(text)
    return number if rpps_holds(number) else ""


def _wrong(said: Mapping[str, str], column: str, reason: str) -> Unreadable:
    return Unreadable(COLUMNS[column], said[column], reason)


def _name(said: Mapping[str, str], column: str) -> str:
    if not said[column]:
        raise _wrong(said, column, "is empty")
    if len(said[column]) > _NAME_MAX:
        raise _wrong(said, column, f"is longer than {_NAME_MAX} characters")
    return readable(said[column])


def readable(text: str, little: frozenset[str] = frozenset()) -> str:
    """Capitals become a name: "DE LA TOUR" is "De La Tour"; with ``little`` words left small."""
    if text != text.upper():
        return text
    return _WORD.sub(
        lambda found: found[0].lower() if found[0].lower() in little else found[0].capitalize(),
        text,
    )


def _place(said: Mapping[str, str]) -> RegisteredPlaceSaid | None:
    """The place of an activity. None when the line gives no address at all."""
    siret, finess = written(said["siret"]), written(said["finess"])
    for column, number, fault_of in (
        ("siret", siret, siret_fault),
        ("finess", finess, finess_fault),
    ):
        fault = fault_of(number) if number else None
        if fault:
            raise _wrong(said, column, no_such_number(column.upper(), fault))
    if not any(said[column] for column in _ADDRESS):
        return None
    name = said["town"] or _POSTCODE_FIRST.sub("", said["cedex"])
    town = commune(said["insee"].upper(), said["postcode"], name)
    if town is None:
        column = "insee" if said["insee"] else "postcode" if said["postcode"] else "town"
        raise _wrong(said, column, "leads to no commune of France")
    street = " ".join(
        filter(
            None,
            [
                f"{said['street_number']}{said['street_suffix'].lower()}",
                said["street_kind"].lower(),
                readable(said["street"], _LITTLE),
            ],
        )
    )
    complement = ", ".join(filter(None, [said["recipient"], said["point"], said["mention"]]))
    address = street[:_ADDRESS_MAX]
    return RegisteredPlaceSaid(
        key=_key(said, siret, finess, f"{town.insee} {address} {complement}"),
        mode=said["mode"] if said["mode"] in _MODES else "",
        structure_name=(said["sign"] or said["company"])[:_LABEL_MAX],
        siret=siret,
        finess=finess,
        address_line=address,
        complement=complement[:_ADDRESS_MAX],
        postcode=said["postcode"] if _is_postcode(said["postcode"]) else _first(town.postcodes),
        town_name=postal_name(town),
        insee=town.insee,
        latitude=town.latitude,
        longitude=town.longitude,
        position_precision=town.precision,
        phone=_phone(said["phone"]),
        email=_email(said["email"]),
        former_structure=said["former_structure"][:_FORMER_MAX],
    )


def _key(said: Mapping[str, str], siret: str, finess: str, address: str) -> str:
    """The same activity from one file to the next: the mode, then the structure or the address."""
    structure = said["structure"] or (finess and f"F{finess}") or (siret and f"S{siret}")
    if not structure or len(structure) > _KEY_MAX - 2:
        told = glued(plain(structure or address)).encode()
        structure = f"#{blake2b(told, digest_size=16).hexdigest()}"
    mode = said["mode"] if said["mode"] in _MODES else "?"
    return f"{mode}:{structure}"


def _is_postcode(text: str) -> bool:
    return len(text) == len("00000") and text.isascii() and text.isdigit()


def _first(postcodes: tuple[str, ...]) -> str:
    return postcodes[0] if postcodes else ""


def _phone(text: str) -> str:
    """Digits only; nothing when it is too long to be one number."""
    number = _NOT_DIALLED.sub("", text)
    return number if len(number) <= _PHONE_MAX else ""


def _email(text: str) -> str:
    fits = len(text) <= _EMAIL_MAX and _ADDRESS_OF_MAIL.fullmatch(text)
    return text if fits else ""
