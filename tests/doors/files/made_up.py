"""Made-up files of psychologists: no number, name or address in them is anybody's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.factories import made_up_rpps

from soutien.doors.files.rpps_file import COLUMNS

# The first line of the file, as it is published.
_COLUMNS = (
    "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Code civilité d'exercice|"
    "Libellé civilité d'exercice|Code civilité|Libellé civilité|Nom d'exercice|Prénom d'exercice|"
    "Code profession|Libellé profession|Code catégorie professionnelle|"
    "Libellé catégorie professionnelle|Code type savoir-faire|Libellé type savoir-faire|"
    "Code savoir-faire|Libellé savoir-faire|Code mode exercice|Libellé mode exercice|"
    "Numéro SIRET site|Numéro SIREN site|Numéro FINESS site|"
    "Numéro FINESS établissement juridique|Identifiant technique de la structure|"
    "Raison sociale site|Enseigne commerciale site|Complément destinataire (coord. structure)|"
    "Complément point géographique (coord. structure)|Numéro Voie (coord. structure)|"
    "Indice répétition voie (coord. structure)|Code type de voie (coord. structure)|"
    "Libellé type de voie (coord. structure)|Libellé Voie (coord. structure)|"
    "Mention distribution (coord. structure)|Bureau cedex (coord. structure)|"
    "Code postal (coord. structure)|Code commune (coord. structure)|"
    "Libellé commune (coord. structure)|Code pays (coord. structure)|"
    "Libellé pays (coord. structure)|Téléphone (coord. structure)|"
    "Téléphone 2 (coord. structure)|Télécopie (coord. structure)|"
    "Adresse e-mail (coord. structure)|Code Département (structure)|"
    "Libellé Département (structure)|Ancien identifiant de la structure|"
    "Autorité d'enregistrement|Code secteur d'activité|Libellé secteur d'activité|"
    "Code section tableau pharmaciens|Libellé section tableau pharmaciens|Code rôle|Libellé rôle|"
    "Code genre activité|Libellé genre activité"
)
HEADER = tuple(_COLUMNS.split("|"))
USUAL = {
    "number_kind": "8",
    "family_name": "EXEMPLE-MODÈLE",
    "given_name": "DOMINIQUE",
    "profession": "93",
    "mode": "L",
    "structure": "R10100000000001",
    "street_number": "12",
    "street_suffix": "B",
    "street_kind": "Rue",
    "street": "DE L'EXEMPLE",
    "postcode": "69290",
    "insee": "69069",
    "town": "Craponne",
    "phone": "0639980000",
}


def cells(serial: int = 1, **said: str) -> dict[str, str]:
    """The columns of one line that are read: a psychologist in Craponne unless told otherwise."""
    return USUAL | {"number": made_up_rpps(serial)} | said


def line(serial: int = 1, header: Iterable[str] = HEADER, **said: str) -> str:
    """One line, with the separator that ends it."""
    told = {COLUMNS[name]: value for name, value in cells(serial, **said).items()}
    return "".join(f"{told.get(column, '')}|" for column in header)


def rpps_file(
    folder: Path, lines: Iterable[str | bytes], name: str = "PS_202611200700.txt"
) -> Path:
    """A file with these lines under the usual header."""
    path = folder / name
    with path.open("wb") as file:
        file.write(f"{'|'.join(HEADER)}|\n".encode())
        for told in lines:
            file.write((told if isinstance(told, bytes) else told.encode()) + b"\n")
    return path


def csv_file(
    folder: Path,
    rows: Iterable[Mapping[str, str]],
    *,
    name: str = "partners.csv",
    separator: str = ";",
    mark: bytes = b"",
) -> Path:
    """A file of partners with the columns that the rows name."""
    rows = list(rows)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = [columns, *([row.get(column, "") for column in columns] for row in rows)]
    path = folder / name
    text = "".join(f"{separator.join(told)}\r\n" for told in lines)
    path.write_bytes(mark + text.encode())
    return path


def partner(serial: int = 1, **said: str) -> dict[str, str]:
    """One line of a file of partners: under agreement since 2024, in Craponne."""
    return {
        "rpps": made_up_rpps(serial),
        "agreement_from": "2024-01-01",
        "agreement_to": "",
        "family_name": "Exemple",
        "given_name": "Dominique",
        "address": "12 rue de l'Exemple",
        "postcode": "69290",
        "town": "Craponne",
    } | said
