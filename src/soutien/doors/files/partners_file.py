"""The file of partners: CSV, one place a line, columns found by their English or French names.

UTF-8, with or without its mark; semicolons, commas or tabs. Described in docs/imports.md.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import blake2b
from types import MappingProxyType
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from soutien.doors.files.communes import commune, postal_name
from soutien.doors.files.lines import (
    FileError,
    RawLines,
    Unreadable,
    columns_found,
    columns_of,
    header_cells,
    missing_columns,
    no_such_number,
    unprintable,
)
from soutien.registers.places.gazetteer import time_zone_of
from soutien.registers.places.spelling import glued, plain
from soutien.rules.identifiers import (
    adeli_of_psychologist,
    finess_fault,
    rpps_fault,
    rpps_holds,
    written,
)
from soutien.steps.merge import address_key
from soutien.steps.said import AgreementSaid, PartnerSaid, PlaceSaid, Refused

# Our name of each column, which the file may use, and the other names it may use.
COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "rpps": ("Numéro RPPS", "N° RPPS", "Identifiant RPPS"),
        "agreement_from": ("Début de convention", "Conventionné depuis", "Date de début"),
        "agreement_to": ("Fin de convention", "Conventionné jusqu'au", "Date de fin"),
        "resignation_received_on": ("Résiliation reçue le", "Date de résiliation"),
        "given_name": ("Prénom",),
        "family_name": ("Nom", "Nom de famille"),
        "am_number": ("Numéro AM", "N° AM"),
        "adeli": ("Numéro ADELI", "N° ADELI", "Ancien numéro ADELI"),
        "publics": ("Public", "Publics reçus"),
        "languages": ("Langues", "Langues parlées"),
        "video": ("Vidéo", "Visio", "Téléconsultation"),
        "phone": ("Téléphone",),
        "email": ("Courriel", "E-mail", "Adresse e-mail", "Adresse électronique"),
        "website": ("Site", "Site web", "Site internet"),
        "new_patients": ("Nouveaux patients", "Accepte de nouveaux patients"),
        "third_party": ("Tiers payant", "Tiers payant AMC", "Tiers payant complémentaire"),
        "place_label": ("Lieu", "Nom du lieu"),
        "address": ("Adresse", "Adresse du lieu"),
        "address_complement": ("Complément", "Complément d'adresse"),
        "postcode": ("Code postal",),
        "town": ("Commune", "Ville"),
        "insee": ("Code commune", "Code INSEE"),
        "practice": ("Exercice", "Mode d'exercice"),
        "finess": ("FINESS", "Numéro FINESS"),
        "step_free": ("Accessible", "Accès de plain-pied"),
    }
)
REQUIRED = ("rpps", "agreement_from")
_WHERE = ("address", "postcode", "town", "insee")
_SEPARATORS = ";,\t"
# Stands after the cells of a line whose quotation marks do not match.
_UNCLOSED = "\x00unclosed"
_TRUE = frozenset(["1", "o", "oui", "true", "vrai", "x", "y", "yes"])
_FALSE = frozenset(["0", "false", "faux", "n", "no", "non"])
_PUBLICS = (
    ("sees_adults", frozenset(["adult", "adults", "adulte", "adultes"])),
    (
        "sees_teenagers",
        frozenset(["ado", "ados", "adolescent", "adolescents", "teenager", "teenagers"]),
    ),
    ("sees_children", frozenset(["child", "children", "enfant", "enfants"])),
)
_AND = frozenset(["and", "et"])
_LANGUAGES = {
    **dict.fromkeys(["francais", "french"], "fr"),
    **dict.fromkeys(["anglais", "english"], "en"),
    **dict.fromkeys(["espagnol", "spanish"], "es"),
    **dict.fromkeys(["portugais", "portuguese"], "pt"),
    **dict.fromkeys(["italien", "italian"], "it"),
    **dict.fromkeys(["allemand", "german"], "de"),
    **dict.fromkeys(["arabe", "arabic"], "ar"),
    **dict.fromkeys(["turc", "turkish"], "tr"),
    **dict.fromkeys(["polonais", "polish"], "pl"),
    **dict.fromkeys(["russe", "russian"], "ru"),
    **dict.fromkeys(["ukrainien", "ukrainian"], "uk"),
    **dict.fromkeys(["roumain", "romanian"], "ro"),
    **dict.fromkeys(["neerlandais", "dutch"], "nl"),
    **dict.fromkeys(["chinois", "chinese"], "zh"),
    **dict.fromkeys(["hebreu", "hebrew"], "he"),
    **dict.fromkeys(["creole"], "crp"),
    **dict.fromkeys(["basque"], "eu"),
    **dict.fromkeys(["breton"], "br"),
    **dict.fromkeys(["corse", "corsican"], "co"),
    **dict.fromkeys(["languedessignes", "languedessignesfrancaise"], "lsf"),
}
_CODE = re.compile(r"[a-z]{2,3}")
_LISTED = re.compile(r"[,;/|+]")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_FRENCH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_SPACED = re.compile(r"[\s.\-()\u00a0\u202f]")
_NATIONAL = re.compile(r"0[1-9][0-9]{8}")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{6,14}")
_AM_NUMBER = re.compile(r"[0-9]{9}")
_PRACTICES = {
    **dict.fromkeys(["liberal", "liberale", "cabinet", "l"], "liberal"),
    **dict.fromkeys(["cds", "centredesante"], "cds"),
    **dict.fromkeys(["msp", "maisondesante", "maisondesantepluriprofessionnelle"], "msp"),
}
_LENGTHS = {
    "given_name": 80,
    "family_name": 80,
    "place_label": 120,
    "address": 160,
    "email": 254,
    "website": 200,
    "languages": 80,
}


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """One line: what it says of the psychologist, one period, and one place at most."""

    line: int
    rpps: str
    adeli: str
    fields: dict[str, str | bool]
    agreement: AgreementSaid
    place: PlaceSaid | None


@dataclass(slots=True)
class Partners:
    """The whole file, one item a psychologist, and the lines that were refused.

    ``doubtful`` are RPPS numbers of which every line was refused.
    """

    said: list[PartnerSaid] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)


class PartnersFile:
    """The lines of a file of partners. Raises FileError when a column is missing.

    ``unknown`` are columns that nobody will read, most likely misspelled.
    """

    def __init__(self, lines: RawLines) -> None:
        self._lines = lines
        header = header_cells(lines.header(), lines.path.name)
        self._separator = max(_SEPARATORS, key=header.count)
        cells = columns_of(header, self._separator, lines.path.name)
        self._at = columns_found(cells, COLUMNS, lines.path.name)
        missing = [name for name in REQUIRED if name not in self._at]
        if missing:
            raise missing_columns(missing, cells, lines.path.name)
        if not any(name in self._at for name in ("insee", "postcode")) and "address" in self._at:
            raise FileError(
                f"{lines.path.name} has addresses without the column 'postcode' or 'insee'. "
                "Nothing was read."
            )
        self._count = len(cells)
        read = set(self._at.values())
        self.unknown = [
            cell.strip() for place, cell in enumerate(cells) if place not in read and cell.strip()
        ]

    def __iter__(self) -> Iterator[PartnerLine | Unreadable]:
        """Each line that is not blank, taken or refused."""
        for raw in self._lines:
            line, cells = self._lines.number, self._cells(raw)
            if not any(cell.strip() for cell in cells):
                continue
            try:
                yield self._taken(line, self._said(cells))
            except Unreadable as refused:
                yield _Located(refused, line, self._number(cells))

    def _cells(self, raw: bytes) -> list[str]:
        """The cells of one line. A byte that is no UTF-8 stays marked.

        Lines are read one by one: a quotation mark that is never closed spoils its own only.
        """
        text = raw.decode("utf-8", "surrogateescape").rstrip("\r\n")
        try:
            return next(csv.reader([text], delimiter=self._separator, strict=True), [])
        except csv.Error:
            return [*text.split(self._separator), _UNCLOSED]

    def _number(self, cells: Sequence[str]) -> str:
        place = self._at["rpps"]
        number = written(cells[place]) if place < len(cells) else ""
        return number if rpps_holds(number) else ""

    def _said(self, cells: Sequence[str]) -> dict[str, str]:
        if cells[-1] is _UNCLOSED:
            raise Unreadable("", cells[0], 'has a quotation mark (") that is never closed')
        if len(cells) != self._count:
            raise Unreadable(
                "", self._separator.join(cells), f"{len(cells)} columns instead of {self._count}"
            )
        said = {name: cells[place].strip() for name, place in self._at.items()}
        for name, value in said.items():
            if not value.isprintable() and any("\ud800" <= sign <= "\udfff" for sign in value):
                raise Unreadable(name, value, "is not UTF-8 text")
            if unprintable(value):
                raise Unreadable(name, value, "holds a control character or a line break")
            if len(value) > _LENGTHS.get(name, len(value)):
                raise Unreadable(name, value, f"is longer than {_LENGTHS[name]} characters")
        return said

    def _taken(self, line: int, said: Mapping[str, str]) -> PartnerLine:
        rpps = written(said["rpps"])
        fault = rpps_fault(rpps)
        if fault:
            raise Unreadable("rpps", said["rpps"], no_such_number("RPPS", fault))
        adeli = written(said.get("adeli", ""))
        if adeli and not adeli_of_psychologist(adeli):
            raise Unreadable("adeli", said["adeli"], "is no ADELI number of a psychologist")
        fields: dict[str, str | bool] = {}
        for name, read in _FIELDS.items():
            if name in said:
                fields.update(read(name, said[name]))
        return PartnerLine(line, rpps, adeli, fields, _agreement(line, said), _place(said))


class _Located(Unreadable):
    """A refused line with its number, and whom it is about when it says so."""

    def __init__(self, refused: Unreadable, line: int, rpps: str) -> None:
        super().__init__(refused.column, refused.value, refused.reason)
        self.line, self.rpps = line, rpps


def gathered(lines: Iterator[PartnerLine | Unreadable]) -> Partners:
    """The lines by psychologist. What concerns the psychologist is read on the first line."""
    found = Partners()
    by_rpps: dict[str, list[PartnerLine]] = {}
    for line in lines:
        if isinstance(line, PartnerLine):
            by_rpps.setdefault(line.rpps, []).append(line)
        elif isinstance(line, _Located):
            found.refused.append(line.at(line.line))
            if line.rpps:
                found.doubtful.add(line.rpps)
    for rpps, own in by_rpps.items():
        first, places = own[0], {line.place.key: line.place for line in own if line.place}
        periods = {line.agreement[1:]: line.agreement for line in reversed(own)}
        found.refused += [refused for line in own[1:] for refused in _disagreements(first, line)]
        found.said.append(
            PartnerSaid(
                line=first.line,
                rpps=rpps,
                adeli=next((line.adeli for line in own if line.adeli), ""),
                fields=first.fields,
                agreements=tuple(sorted(periods.values(), key=lambda said: said.valid_from)),
                places=tuple(places.values()),
                whole=rpps not in found.doubtful,
            )
        )
    found.doubtful -= set(by_rpps)
    return found


def _disagreements(first: PartnerLine, line: PartnerLine) -> list[Refused]:
    """Columns where a later line says otherwise; an empty cell says nothing."""
    reason = f"differs from line {first.line} of the same psychologist, which counts"
    columns = dict.fromkeys(
        _COLUMN_OF.get(name, name)
        for name, value in line.fields.items()
        if value != "" and first.fields.get(name) != value
    )
    return [Unreadable(column, "", reason).at(line.line) for column in columns]


def _text(name: str, value: str) -> dict[str, str | bool]:
    return {name: value}


def _am_number(name: str, value: str) -> dict[str, str | bool]:
    number = written(value)
    if number and not _AM_NUMBER.fullmatch(number):
        raise Unreadable(name, value, "is no AM number: nine digits")
    return {name: number}


def _phone(name: str, value: str) -> dict[str, str | bool]:
    number = re.sub(r"^\+33(?=[1-9][0-9]{8}$)", "0", _SPACED.sub("", value))
    if number and not (_NATIONAL.fullmatch(number) or _INTERNATIONAL.fullmatch(number)):
        raise Unreadable(
            name, value, "is no telephone number: ten digits, or + and the country's code"
        )
    return {name: number}


def _email(name: str, value: str) -> dict[str, str | bool]:
    if value:
        try:
            validate_email(value)
        except ValidationError:
            raise Unreadable(name, value, "is no e-mail address") from None
    return {name: value}


def _website(name: str, value: str) -> dict[str, str | bool]:
    address = value if "://" in value or not value else f"https://{value}"
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if value and (
        parts.scheme not in ("http", "https") or "." not in parts.netloc or " " in address
    ):
        raise Unreadable(name, value, "is no web address that starts with https:// or http://")
    return {name: address}


def _truth(name: str, value: str) -> bool | None:
    """Yes, no, or None for an empty cell, which says nothing."""
    word = plain(value).strip()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    if not word:
        return None
    raise Unreadable(name, value, "is neither yes nor no (oui, non, 1, 0)")


def _yes_or_no(column: str) -> Callable[[str, str], dict[str, str | bool]]:
    def read(name: str, value: str) -> dict[str, str | bool]:
        truth = _truth(name, value)
        return {} if truth is None else {column: truth}

    return read


def _publics(name: str, value: str) -> dict[str, str | bool]:
    words = set(plain(value).split()) - _AND
    if not words:
        return {}
    if words - frozenset().union(*(known for _column, known in _PUBLICS)):
        raise Unreadable(name, value, "names a public other than adults, teenagers, children")
    return {column: bool(words & known) for column, known in _PUBLICS}


def _languages(name: str, value: str) -> dict[str, str | bool]:
    codes = []
    for told in filter(None, (part.strip() for part in _LISTED.split(value))):
        key = glued(plain(told))
        code = _LANGUAGES.get(key, key)
        if not _CODE.fullmatch(code):
            raise Unreadable(name, told, "is no language: give codes such as fr, en, lsf")
        codes.append(code)
    spoken = ",".join(dict.fromkeys(codes))
    return {name: spoken} if spoken else {}


_FIELDS: Mapping[str, Callable[[str, str], dict[str, str | bool]]] = MappingProxyType(
    {
        "given_name": _text,
        "family_name": _text,
        "am_number": _am_number,
        "publics": _publics,
        "languages": _languages,
        "video": _yes_or_no("offers_video"),
        "phone": _phone,
        "email": _email,
        "website": _website,
        "new_patients": _yes_or_no("accepts_new_patients"),
        "third_party": _yes_or_no("offers_amc_third_party"),
    }
)


# The column that says a field, where their names differ.
_COLUMN_OF = {
    **dict.fromkeys(["sees_adults", "sees_teenagers", "sees_children"], "publics"),
    "offers_video": "video",
    "accepts_new_patients": "new_patients",
    "offers_amc_third_party": "third_party",
}


def _agreement(line: int, said: Mapping[str, str]) -> AgreementSaid:
    """The period of a line. The file gives the last day, which is still under agreement."""
    valid_from = _day("agreement_from", said["agreement_from"])
    if valid_from is None:
        raise Unreadable("agreement_from", "", "is empty")
    last = _day("agreement_to", said.get("agreement_to", ""))
    if last is not None and last < valid_from:
        raise Unreadable("agreement_to", said["agreement_to"], "comes before agreement_from")
    resigned = _day("resignation_received_on", said.get("resignation_received_on", ""))
    valid_before = None if last is None or last == date.max else last + timedelta(days=1)
    return AgreementSaid(line, valid_from, valid_before, resigned)


def _day(name: str, value: str) -> date | None:
    """A day written 2026-11-22 or 22/11/2026; None for an empty cell."""
    if not value:
        return None
    try:
        if found := _ISO.fullmatch(value):
            return date(*map(int, found.groups()))
        if found := _FRENCH.fullmatch(value):
            return date(*map(int, reversed(found.groups())))
    except ValueError:
        pass
    raise Unreadable(name, value, "is no day: write 2026-11-22 or 22/11/2026")


def _place(said: Mapping[str, str]) -> PlaceSaid | None:
    """The place of a line. None when it gives no address: the open file's then count."""
    finess = written(said.get("finess", ""))
    fault = finess_fault(finess) if finess else None
    if fault:
        raise Unreadable("finess", said["finess"], no_such_number("FINESS", fault))
    practice = _PRACTICES.get(glued(plain(said.get("practice", ""))) or "liberal")
    if practice is None:
        raise Unreadable("practice", said["practice"], "is none of liberal, cds, msp")
    step_free = _truth("step_free", said.get("step_free", ""))
    insee, postcode, name = (said.get(column, "") for column in ("insee", "postcode", "town"))
    if not any(said.get(column) for column in _WHERE):
        return None
    town = commune(insee.upper(), postcode, name)
    if town is None:
        column = "insee" if insee else "postcode" if postcode else "town"
        raise Unreadable(column, insee or postcode or name, "leads to no commune of France")
    address = ", ".join(
        filter(None, [said.get("address", ""), said.get("address_complement", "")])
    )
    if len(address) > _LENGTHS["address"]:
        raise Unreadable(
            "address_complement", address, f"is longer than {_LENGTHS['address']} characters"
        )
    told = address_key(town.insee, address).encode()
    return PlaceSaid(
        key=f"P:{blake2b(told, digest_size=16).hexdigest()}",
        label=said.get("place_label", ""),
        address_line=address,
        postcode=_postcode(postcode, town.postcodes),
        town_name=postal_name(town),
        insee=town.insee,
        latitude=town.latitude,
        longitude=town.longitude,
        position_precision=town.precision,
        time_zone=time_zone_of(town.insee),
        practice=practice,
        finess=finess,
        step_free=step_free,
    )


def _postcode(given: str, known: tuple[str, ...]) -> str:
    if re.fullmatch(r"[0-9]{5}", given):
        return given
    return known[0] if known else ""
