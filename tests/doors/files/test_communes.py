"""The commune of an address, from a code, a postcode and a name."""

from __future__ import annotations

import pytest

from soutien.doors.files.communes import commune


@pytest.mark.parametrize(
    ("insee", "postcode", "name", "expected"),
    [
        ("69069", "69290", "Craponne", "69069"),
        ("69069", "", "", "69069"),
        ("", "69290", "CRAPONNE", "69069"),
        ("", "69290", "craponne cedex", "69069"),
        # Several towns share this postcode, one only has the next.
        ("", "69290", "", None),
        ("", "92100", "", "92012"),
        ("", "92100", "BOULOGNE-SUR-SEINE", "92012"),
        ("99999", "92100", "", None),
        ("", "75011", "PARIS", "75111"),
        ("75056", "75011", "Paris", "75111"),
        ("69123", "69001", "Lyon", "69381"),
        ("69123", "", "Lyon", "69123"),
        # No town has the postcode of a CEDEX.
        ("", "69433", "LYON CEDEX 03", "69123"),
        ("", "42055", "ST ETIENNE CEDEX 2", "42218"),
        ("2A004", "20000", "Ajaccio", "2A004"),
        ("", "20000", "AJACCIO", "2A004"),
        ("97411", "97400", "Saint-Denis", "97411"),
        ("", "97400", "ST DENIS", "97411"),
        ("99999", "69290", "Craponne", "69069"),
        ("99999", "69290", "Nulle-Part", None),
        # A commune of old, merged into Annecy: its code is no longer one.
        ("74011", "74940", "ANNECY LE VIEUX", "74010"),
        ("", "99999", "Craponne", None),
        ("", "", "Craponne", None),
        ("", "", "", None),
    ],
)
def test_the_commune_is_found_or_not(insee: str, postcode: str, name: str, expected: str | None):
    town = commune(insee, postcode, name)
    assert (town.insee if town else None) == expected
