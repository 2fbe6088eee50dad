"""The open RPPS file: columns by name, psychologists only, and bad lines refused one by one."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from tests.doors.files.made_up import HEADER, cells, line, rpps_file
from tests.factories import made_up_rpps

from soutien.doors.files.lines import FileError, RawLines, Unreadable
from soutien.doors.files.rpps_file import COLUMNS, RppsFile, readable
from soutien.steps.said import FormerNumberLine, RegisterLine


def read(path: Path) -> list[RegisterLine | FormerNumberLine | Unreadable]:
    """What the file says of psychologists."""
    with RawLines(path) as lines:
        return list(RppsFile(lines))


def only(path: Path) -> RegisterLine:
    """The one psychologist of a file."""
    [item] = read(path)
    assert isinstance(item, RegisterLine), item
    return item


def refusals(path: Path) -> list[tuple[int, str, str]]:
    """Line, column and reason of what is refused."""
    with RawLines(path) as lines:
        return [
            (lines.number, item.column, item.reason)
            for item in RppsFile(lines)
            if isinstance(item, Unreadable)
        ]


def test_the_file_has_its_fifty_six_columns():
    assert len(HEADER) == len(set(HEADER)) == 56
    assert set(COLUMNS.values()) <= set(HEADER)


def test_a_psychologist_is_read_with_name_and_place(tmp_path: Path):
    found = only(rpps_file(tmp_path, [line(7)]))
    assert found[:3] == (made_up_rpps(7), "Dominique", "Exemple-Modèle")
    place = found.place
    assert place is not None
    assert (place.address_line, place.postcode, place.town_name, place.insee) == (
        "12b rue de l'Exemple",
        "69290",
        "Craponne",
        "69069",
    )
    assert place.latitude == pytest.approx(45.74, abs=0.03)
    assert place.longitude == pytest.approx(4.72, abs=0.03)
    assert (place.position_precision, place.mode, place.phone) == ("town", "L", "0639980000")


def test_columns_are_found_by_name_in_any_order(tmp_path: Path):
    header = tuple(reversed(HEADER))
    path = tmp_path / "reversed.txt"
    path.write_text(f"{'|'.join(header)}\n{line(7, header)[:-1]}\n")
    assert only(path) == only(rpps_file(tmp_path, [line(7)]))


@pytest.mark.parametrize("first", [True, False])
def test_the_profession_may_be_the_first_or_the_last_column(tmp_path: Path, first: bool):
    others = [name for name in HEADER if name != "Code profession"]
    header = ["Code profession", *others] if first else [*others, "Code profession"]
    path = tmp_path / "moved.txt"
    path.write_text(f"{'|'.join(header)}\n{line(7, header)[:-1]}\n")
    assert only(path).rpps == made_up_rpps(7)


@pytest.mark.parametrize("column", COLUMNS.values())
def test_a_missing_column_is_named(tmp_path: Path, column: str):
    path = tmp_path / "short.txt"
    path.write_text("|".join(name for name in HEADER if name != column))
    with pytest.raises(FileError) as error:
        read(path)
    assert repr(column) in str(error.value)
    assert "Nothing was read" in str(error.value)


def test_a_misspelled_column_is_told_beside_the_right_one(tmp_path: Path):
    path = tmp_path / "misspelled.txt"
    path.write_text("|".join(HEADER).replace("Code profession", "Code professions"))
    with pytest.raises(FileError, match="'Code profession' \\(there is 'Code professions'\\)"):
        read(path)


def test_a_column_that_stands_twice_is_refused(tmp_path: Path):
    path = tmp_path / "twice.txt"
    path.write_text("|".join([*HEADER, "Code profession"]))
    with pytest.raises(FileError, match="'Code profession' twice"):
        read(path)


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04zip", "unzip it"),
        (b"\x1f\x8b\x08", "gzip"),
        ("Type d'identifiant".encode("utf-16"), "UTF-16"),
        ("Prénom d'exercice|".encode("latin-1"), "not UTF-8"),
        (b"x" * 70_000, "no lines"),
    ],
)
def test_a_file_of_another_kind_is_told_apart(tmp_path: Path, start: bytes, told: str):
    path = tmp_path / "other"
    path.write_bytes(start)
    with pytest.raises(FileError, match=told):
        read(path)


def test_the_invisible_mark_before_the_header_is_no_letter(tmp_path: Path):
    path = rpps_file(tmp_path, [line(7)])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert only(path).rpps == made_up_rpps(7)


def test_other_professions_are_passed_over_whatever_they_hold(tmp_path: Path):
    nurse = line(8, profession="60")
    unreadable = nurse.encode().replace(b"EXEMPLE", b"EX\xe9MPLE")
    lines = [nurse, unreadable, line(9, profession="60", mode="93"), line(7)]
    assert only(rpps_file(tmp_path, lines)).rpps == made_up_rpps(7)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"number": "00000000001"}, "no RPPS number"),
        ({"number": "0000000901"}, "no RPPS number"),
        ({"number_kind": "3"}, "neither 8"),
        ({"number_kind": "0", "number": "699300"}, "no ADELI number"),
        ({"finess": "690000001"}, "no FINESS number"),
        ({"siret": "12345678901234"}, "no SIRET number"),
        ({"insee": "99999", "postcode": "99999", "town": "Nulle-Part"}, "no commune"),
        ({"insee": "99999", "postcode": "69290", "town": "Nulle-Part"}, "no commune"),
        ({"insee": "", "postcode": "00000", "town": "Craponne"}, "no commune"),
        ({"insee": "", "postcode": "", "town": "Craponne"}, "no commune"),
        ({"family_name": ""}, "is empty"),
        ({"given_name": "X" * 81}, "longer than 80"),
        ({"street": "DE\x07L'EXEMPLE"}, "control character"),
    ],
)
def test_a_bad_line_is_refused_with_its_column_and_stops_nothing(
    tmp_path: Path, said: dict[str, str], reason: str
):
    path = rpps_file(tmp_path, [line(1), line(2, **said), line(3)])
    [(number, column, told)] = refusals(path)
    assert (number, reason in told) == (3, True), told
    assert column in {COLUMNS[name] for name in said}
    assert len(read(path)) == 3


def test_a_byte_that_is_no_utf_8_refuses_its_own_line(tmp_path: Path):
    spoiled = line(2).encode().replace("È".encode(), b"\xc8")
    [(number, column, told)] = refusals(rpps_file(tmp_path, [line(1), spoiled, line(3)]))
    assert (number, column, told) == (3, "Nom d'exercice", "is not UTF-8 text")


@pytest.mark.parametrize(
    ("spoiled", "told"),
    [
        (line(2) + "one|two|", "58 separators (|) instead of 56"),
        (line(2)[:-1] + "x|y", "one column too many"),
        (line(2).replace("|Craponne", "", 1), "55 separators (|) instead of 56"),
        (line(2)[:-1], "55 separators (|) instead of 56"),
        ("x" * 200_000, "longer than 65536 bytes"),
        ("something else", "0 separators (|) instead of 56"),
    ],
)
def test_a_line_with_other_columns_is_refused(tmp_path: Path, spoiled: str, told: str):
    path = rpps_file(tmp_path, [line(1), spoiled, "", line(3)])
    [(number, _column, reason)] = refusals(path)
    assert (number, reason) == (3, told)
    assert [item.rpps for item in read(path) if isinstance(item, RegisterLine)] == [
        made_up_rpps(1),
        made_up_rpps(3),
    ]


def test_a_refused_line_still_says_whom_it_is_about(tmp_path: Path):
    path = rpps_file(tmp_path, [line(2, finess="690000001"), line(3) + "x|", line(4, number="1")])
    with RawLines(path) as lines:
        file = RppsFile(lines)
        numbers = [file.number_of(item) for item in file if isinstance(item, Unreadable)]
    assert numbers == [made_up_rpps(2), made_up_rpps(3), ""]


def test_an_adeli_number_is_history(tmp_path: Path):
    [item] = read(rpps_file(tmp_path, [line(number_kind="0", number="699300001")]))
    assert item == FormerNumberLine("699300001", "Dominique", "Exemple-Modèle")


NOWHERE = dict.fromkeys(
    ["street_number", "street_suffix", "street_kind", "street", "postcode", "insee", "town"], ""
)


def test_a_line_without_any_address_has_no_place(tmp_path: Path):
    assert only(rpps_file(tmp_path, [line(**NOWHERE)])).place is None


def test_the_town_may_stand_beside_the_cedex(tmp_path: Path):
    said = NOWHERE | {"postcode": "25300", "cedex": "25300 DOUBS"}
    place = only(rpps_file(tmp_path, [line(**said)])).place
    assert place is not None
    assert (place.insee, place.town_name) == ("25204", "Doubs")


def key_of(folder: Path, **said: str) -> str:
    place = only(rpps_file(folder, [line(**said)])).place
    assert place is not None
    return place.key


def test_a_place_is_the_same_while_mode_and_structure_are(tmp_path: Path):
    usual = key_of(tmp_path)
    assert key_of(tmp_path, street="DU MODÈLE", insee="69123", postcode="69001") == usual
    assert key_of(tmp_path, mode="S") != usual
    assert key_of(tmp_path, structure="R2") != usual
    without = key_of(tmp_path, structure="")
    assert key_of(tmp_path, structure="", street="de l’exemple") == without
    assert key_of(tmp_path, structure="", street="DU MODÈLE") != without
    assert key_of(tmp_path, structure="", finess="000000018") == "L:F000000018"
    assert len(key_of(tmp_path, structure="R" * 100)) <= 60


@pytest.mark.parametrize(
    ("written", "shown"),
    [("DE LA TOUR", "De La Tour"), ("D'EXEMPLE-ÉTÉ", "D'Exemple-Été"), ("McDo", "McDo")],
)
def test_capitals_become_a_name(written: str, shown: str):
    assert readable(written) == shown


def big_file(folder: Path, lines: int) -> Path:
    """Everybody's lines, one in twenty a psychologist's, one in a thousand of those spoiled."""
    nurse = line(1, profession="60").encode()
    told = (
        line(i, finess="1" if i % 20_000 == 0 else "").encode() if i % 20 == 0 else nurse
        for i in range(lines)
    )
    return rpps_file(folder, told)


def test_two_hundred_thousand_lines_are_read_in_constant_memory(tmp_path: Path):
    path = big_file(tmp_path, 200_000)
    assert path.stat().st_size > 30_000_000
    counts = {True: 0, False: 0}
    with RawLines(path) as lines:
        read(rpps_file(tmp_path, [line(1)], "one.txt"))  # The towns, read once.
        tracemalloc.start()
        for item in RppsFile(lines):
            counts[isinstance(item, Unreadable)] += 1
        _now, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert counts == {True: 10, False: 9_990}
    assert peak_bytes < 2_000_000


def test_cells_are_those_of_a_line():
    assert line(3).count("|") == 56
    assert cells(3)["number"] == made_up_rpps(3)
