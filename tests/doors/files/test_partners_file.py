"""The file of partners: English or French columns, and exact words for what is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.doors.files.made_up import csv_file, partner
from tests.factories import made_up_rpps

from soutien.doors.files.lines import FileError, RawLines
from soutien.doors.files.partners_file import COLUMNS, Partners, PartnersFile, gathered
from soutien.steps.said import PartnerSaid

FRENCH = {
    "Numéro RPPS": made_up_rpps(1),
    "Début de convention": "01/01/2024",
    "Fin de convention": "31/12/2026",
    "Prénom": "Dominique",
    "Nom": "Exemple",
    "Publics": "Adultes, adolescents et enfants",
    "Langues": "français, anglais ; LSF",
    "Téléconsultation": "Oui",
    "Téléphone": "+33 6 39 98 00 01",
    "Courriel": "dominique@example.org",
    "Site web": "example.org/dominique",
    "Nouveaux patients": "non",
    "Tiers payant": "1",
    "Adresse": "12 rue de l'Exemple",
    "Complément d'adresse": "bâtiment B",
    "Code postal": "69290",
    "Commune": "Craponne",
    "Mode d'exercice": "Centre de santé",
    "FINESS": "000000018",
    "Accessible": "x",
}


def read(path: Path) -> Partners:
    """The whole file."""
    with RawLines(path) as lines:
        return gathered(iter(PartnersFile(lines)))


def only(path: Path) -> PartnerSaid:
    """The one psychologist of a file without refused lines."""
    found = read(path)
    assert not found.refused
    [said] = found.said
    return said


def refusals(path: Path) -> list[tuple[int, str, str]]:
    return [(told.line, told.column, told.reason) for told in read(path).refused]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
@pytest.mark.parametrize("separator", [";", "\t"], ids=["semicolon", "tab"])
def test_french_columns_and_words_are_understood(tmp_path: Path, mark: bytes, separator: str):
    row = {name: value.replace(";", ",") for name, value in FRENCH.items()}
    said = only(csv_file(tmp_path, [row], mark=mark, separator=separator))
    assert said.rpps == made_up_rpps(1)
    [agreement] = said.agreements
    assert (agreement.valid_from, agreement.valid_before) == (date(2024, 1, 1), date(2027, 1, 1))
    assert said.fields == {
        "given_name": "Dominique",
        "family_name": "Exemple",
        "sees_adults": True,
        "sees_teenagers": True,
        "sees_children": True,
        "languages": "fr,en,lsf",
        "offers_video": True,
        "phone": "0639980001",
        "email": "dominique@example.org",
        "website": "https://example.org/dominique",
        "accepts_new_patients": False,
        "offers_amc_third_party": True,
    }
    [place] = said.places
    assert (place.address_line, place.postcode, place.town_name) == (
        "12 rue de l'Exemple, bâtiment B",
        "69290",
        "Craponne",
    )
    assert (place.practice, place.finess, place.step_free) == ("cds", "000000018", True)
    assert place.time_zone == "Europe/Paris"


def test_english_columns_with_commas_are_understood(tmp_path: Path):
    said = only(csv_file(tmp_path, [partner(video="yes")], separator=","))
    assert said.fields["offers_video"] is True
    assert said.places[0].insee == "69069"


def test_a_comma_within_quotation_marks_parts_nothing(tmp_path: Path):
    path = csv_file(tmp_path, [partner(languages='"fr,en"')], separator=",")
    assert only(path).fields["languages"] == "fr,en"


@pytest.mark.parametrize("name", ["rpps", "agreement_from"])
def test_a_missing_column_is_named(tmp_path: Path, name: str):
    row = {column: value for column, value in partner().items() if column != name}
    with pytest.raises(FileError) as error:
        read(csv_file(tmp_path, [row]))
    assert f"misses the column {name!r}" in str(error.value)


def test_a_column_under_two_names_is_refused(tmp_path: Path):
    with pytest.raises(FileError, match="'Nom' twice"):
        read(csv_file(tmp_path, [partner(Nom="Exemple")]))


def test_an_address_without_a_column_to_place_it_is_refused(tmp_path: Path):
    row = {name: value for name, value in partner().items() if name not in ("postcode", "town")}
    with pytest.raises(FileError, match="'postcode' or 'insee'"):
        read(csv_file(tmp_path, [row]))


def test_a_column_that_nobody_reads_is_named(tmp_path: Path):
    with RawLines(csv_file(tmp_path, [partner(agrement="x")])) as lines:
        assert PartnersFile(lines).unknown == ["agrement"]


WRONG = [
    ("rpps", "123", "is no RPPS number: it has not eleven digits"),
    ("rpps", "0000000901A", "is no RPPS number: it holds a sign that is no digit"),
    (
        "rpps",
        "00000009010",
        "is no RPPS number: its last digit, the key, does not go with the others",
    ),
    ("agreement_from", "", "is empty"),
    ("agreement_from", "2024-13-01", "is no day: write 2026-11-22 or 22/11/2026"),
    ("agreement_from", "01/02/24", "is no day: write 2026-11-22 or 22/11/2026"),
    ("agreement_to", "2023-12-31", "comes before agreement_from"),
    ("resignation_received_on", "soon", "is no day: write 2026-11-22 or 22/11/2026"),
    ("am_number", "12", "is no AM number: nine digits"),
    ("adeli", "690000001", "is no ADELI number of a psychologist"),
    ("publics", "seniors", "names a public other than adults, teenagers, children"),
    ("languages", "klingon", "is no language: give codes such as fr, en, lsf"),
    ("video", "perhaps", "is neither yes nor no (oui, non, 1, 0)"),
    ("phone", "01", "is no telephone number: ten digits, or + and the country's code"),
    ("email", "nobody", "is no e-mail address"),
    ("website", "javascript:alert(1)", "is no web address that starts with https:// or http://"),
    ("website", "http://[", "is no web address that starts with https:// or http://"),
    ("postcode", "99999", "leads to no commune of France"),
    ("insee", "99999", "leads to no commune of France"),
    ("finess", "19", "is no FINESS number: it has not nine characters"),
    (
        "finess",
        "000000019",
        "is no FINESS number: its last digit, the key, does not go with the others",
    ),
    ("practice", "hospital", "is none of liberal, cds, msp"),
    ("family_name", "X" * 81, "is longer than 80 characters"),
    ("family_name", "X\x00", "holds a control character or a line break"),
]


@pytest.mark.parametrize(
    ("column", "value", "reason"), WRONG, ids=[f"{row[0]}:{row[1][:9]!r}" for row in WRONG]
)
def test_a_bad_cell_refuses_its_line_only(tmp_path: Path, column: str, value: str, reason: str):
    town = {"town": "Nulle-Part"} if column in ("postcode", "insee") else {}
    rows = [partner(1), partner(2, **{column: value}, **town), partner(3)]
    found = read(csv_file(tmp_path, rows))
    [told] = found.refused
    assert (told.line, told.column, told.reason) == (3, column, reason)
    assert [said.rpps for said in found.said] == [made_up_rpps(1), made_up_rpps(3)]
    assert found.doubtful == (set() if column == "rpps" else {made_up_rpps(2)})


def test_lines_of_another_shape_are_refused_one_by_one(tmp_path: Path):
    path = csv_file(tmp_path, [partner(1)])
    path.write_bytes(
        path.read_bytes()
        + b"too;few\r\n\r\n;;;\r\n"
        + f'{made_up_rpps(2)};"2024-01-01;;;;;;\r\n'.encode()
        + ";".join(partner(3, given_name="Zoé").values()).encode("latin-1")
        + b"\r\n"
        + ";".join(partner(4).values()).encode()
    )
    found = read(path)
    assert [(told.line, told.reason) for told in found.refused] == [
        (3, "2 columns instead of 8"),
        (6, 'has a quotation mark (") that is never closed'),
        (7, "is not UTF-8 text"),
    ]
    assert [said.rpps for said in found.said] == [made_up_rpps(1), made_up_rpps(4)]
    assert found.doubtful == {made_up_rpps(2), made_up_rpps(3)}


def test_several_lines_are_several_places_and_periods(tmp_path: Path):
    other = {"address": "1 place du Modèle", "agreement_to": "2024-12-31"}
    rows = [
        partner(1, **other),
        partner(2),
        partner(1, agreement_from="2025-06-01"),
        partner(1, agreement_from="2025-06-01", postcode="69001", town="Lyon"),
    ]
    first, second = read(csv_file(tmp_path, rows)).said
    assert [said.valid_from for said in first.agreements] == [date(2024, 1, 1), date(2025, 6, 1)]
    assert [place.insee for place in first.places] == ["69069", "69069", "69381"]
    assert len(second.places) == 1


def test_a_later_line_that_says_otherwise_is_told(tmp_path: Path):
    rows = [
        partner(1, publics="adultes", phone="0639980001"),
        partner(1, publics="enfants", phone=""),
    ]
    found = read(csv_file(tmp_path, rows))
    [told] = found.refused
    assert told[:2] == (3, "publics")
    assert told.reason == "differs from line 2 of the same psychologist, which counts"
    assert found.said[0].fields["sees_adults"] is True


def test_a_psychologist_with_a_refused_line_is_not_whole(tmp_path: Path):
    found = read(csv_file(tmp_path, [partner(1), partner(1, postcode="99999", town="")]))
    assert [said.whole for said in found.said] == [False]


def test_an_empty_cell_says_nothing_but_empties_a_contact(tmp_path: Path):
    row = partner(video="", publics="", languages="", phone="", website="")
    assert only(csv_file(tmp_path, [row])).fields == {
        "given_name": "Dominique",
        "family_name": "Exemple",
        "phone": "",
        "website": "",
    }


def test_a_line_without_address_has_no_place(tmp_path: Path):
    row = partner(address="", postcode="", town="")
    assert only(csv_file(tmp_path, [row])).places == ()


def test_a_formula_is_harmless_in_the_report(tmp_path: Path):
    [told] = read(csv_file(tmp_path, [partner(phone="=HYPERLINK(1)" + "x" * 90)])).refused
    assert told.value.startswith("'=")
    assert len(told.value) <= 41


def test_every_column_is_documented_in_both_languages():
    page = (Path(__file__).parents[3] / "docs" / "imports.md").read_text()
    for name, french in COLUMNS.items():
        assert f"`{name}`" in page, name
        if name not in ("place_label", "finess"):
            assert any(other in page for other in french), name
