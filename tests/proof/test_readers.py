"""Every file is read to its end, told as it is, and quickly, whatever it holds.

Damage is done to good files: bytes changed, cut out, doubled, swapped for what readers stumble
on. A reader may refuse a line or the whole; it may not fall, nor take more than a second.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from tests import factories as make
from tests.doors.files.made_up import HEADER
from tests.doors.files.made_up import line as register_line
from tests.doors.files.test_b2 import file_of
from tests.doors.files.test_b2 import made as made_invoice
from tests.doors.files.test_returns import LINE as RETURN_LINE
from tests.proof.served import FULL

from soutien.doors.files.b2.read import lines_of
from soutien.doors.files.b2.read import read as read_b2
from soutien.doors.files.claims_file import ClaimsFile
from soutien.doors.files.lines import FileError, RawLines
from soutien.doors.files.members_file import NoMembers, read_members
from soutien.doors.files.partners_file import PartnersFile
from soutien.doors.files.returns import b2_return
from soutien.doors.files.rpps_file import RppsFile

EACH = 10_000 if FULL else 250
SECONDS = 1
# What readers of tables, of fixed columns and of days stumble on.
STONES = (
    *(b"\0", b"\r", b"\n", b"\r\n", b'"', b'""', b";", b"|", b",", b"\t", b"\xef\xbb\xbf"),
    *(b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", "\u2028".encode(), "\u202e".encode(), b"=1+1", b"-"),
    *(b"9" * 400, b'"' * 301, b"0000-00-00", b"9999-12-31", b"2026-02-30", b"\x1a", b"{", b"[["),
)
CLAIMS = (
    "sheet,nir,birth_date,psychologist,held_on,act_code,price_cents,received_on\n"
    f"P1,{make.made_up_nir(1)},1990-05-17,{make.made_up_rpps(1)},2026-03-02,EEP,5000,2026-03-05\n"
    f"P2,{make.made_up_nir(1)},1990-05-17,{make.made_up_rpps(1)},2026-03-09,APS,5000,2026-03-12\n"
)
MEMBERS = (
    "numero;nom;prenom;naissance;nir;contrat;debut;fin\n"
    f"A1;Exemple;Camille;1990-05-17;{make.made_up_nir(1)};C1;2026-01-01;\n"
    "A2;Modèle;Dominique;17/05/1990;;C1;01/01/2026;31/12/2026\n"
)
REGISTER = "\n".join(("|".join((*HEADER, "")), register_line(1), register_line(2), ""))
PARTNERS = (
    "rpps;nom;prénom;adresse;code postal;commune;téléphone;conventionné depuis\n"
    f"{make.made_up_rpps(1)};Modèle;Dominique;1 rue de l'Exemple;69290;Craponne;"
    "0639980000;2022-04-05\n"
)


def table(reader: Callable[[RawLines], Iterable[object]]) -> Callable[[bytes, Path], None]:
    """A reader of a file on disk; refusing the whole file is an answer."""

    def read(content: bytes, path: Path) -> None:
        path.write_bytes(content)
        with suppress(FileError), RawLines(path) as lines:
            drained(reader(lines))

    return read


def drained(found: Iterable[object]) -> None:
    for _one in found:
        pass


def members(content: bytes, _path: Path) -> None:
    with suppress(NoMembers):
        drained(read_members(io.BytesIO(content)))


READERS: dict[str, tuple[bytes, Callable[[bytes, Path], None]]] = {
    "claims": (CLAIMS.encode(), table(ClaimsFile)),
    "members": (MEMBERS.encode(), members),
    "register": (REGISTER.encode(), table(RppsFile)),
    "partners": (PARTNERS.encode(), table(PartnersFile)),
    "b2": (
        file_of(made_invoice(Random(7), number) for number in range(3)),
        lambda content, _path: drained(read_b2(lines_of(io.BytesIO(content)))),
    ),
    "returns": (
        RETURN_LINE + b"\n" + RETURN_LINE,
        lambda content, _path: drained(b2_return.read(lines_of(io.BytesIO(content)))),
    ),
}


def damaged(good: bytes, chance: Random) -> bytes:
    """The file with a few things done to it."""
    content = bytearray(good)
    for _damage in range(chance.randint(1, 6)):
        at = chance.randrange(len(content) + 1)
        until = at + chance.randrange(1, 40)
        match chance.randrange(5):
            case 0:
                content[at:at] = chance.choice(STONES)
            case 1:
                content[at:until] = b""
            case 2:
                content[at:at] = content[at:until] * chance.randint(1, 30)
            case 3:
                content[at:until] = chance.choice(STONES)
            case _:
                content[at : at + 1] = bytes([chance.randrange(256)])
    return bytes(content)


def files(name: str, good: bytes) -> Iterator[bytes]:
    """Good, empty, noise, one endless line, then damage; always the same ones."""
    chance = Random(f"readers {name}")
    yield from (good, b"", b"\n", good.replace(b"\n", b"\r"), good + b"\n" * 1000)
    yield from (stone + good for stone in STONES)
    yield from (good.split(b"\n")[0] + b"\n" + stone * 2_000 for stone in STONES)
    yield chance.randbytes(200_000)
    yield good.split(b"\n")[0] * 2_000
    for _number in range(EACH):
        yield damaged(good, chance)


@pytest.mark.parametrize("name", READERS)
def test_whatever_a_file_holds_it_is_read_to_its_end_within_a_second(
    name: str, tmp_path: Path
) -> None:
    good, read = READERS[name]
    # What a reader loads once, like the towns, is no file's own.
    read(good, tmp_path / "file.csv")
    for content in files(name, good):
        # Of the processor: another program's second is not the reader's.
        began = time.process_time()
        try:
            read(content, tmp_path / "file.csv")
        except Exception as fallen:
            raise AssertionError(f"{name} fell on {content[:300]!r}") from fallen
        assert time.process_time() - began < SECONDS, content[:300]
