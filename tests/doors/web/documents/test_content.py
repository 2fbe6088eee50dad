"""What a file may hold: nothing that acts, hides, swells, or tells where a photograph was."""

from __future__ import annotations

import struct
import time
import zlib

import pytest
from tests.doors.web.documents.papers import (
    a_jpeg,
    a_pdf,
    a_png,
    a_stream,
    chunk,
    objects_inside,
    segment,
)

from soutien.doors.web.documents.content import JPEG, MOST_INFLATED, PDF, PNG, checked
from soutien.steps.errors import Refusal

SECRET = b"GPS 43.6 N 3.9 E"


def refused(content: bytes, kind: str) -> str:
    """The code under which a file is refused, within a second of computing."""
    before = time.process_time()
    with pytest.raises(Refusal) as refusal:
        checked(content, kind)
    assert time.process_time() - before < 1
    return refusal.value.code


@pytest.mark.parametrize(
    "content",
    [
        a_pdf(),
        a_pdf(a_stream(zlib.compress(b"BT (Bonjour) Tj ET"))),
        a_pdf(objects_inside(b"<</Type/Outlines>>")),
        # Names that only begin alike.
        a_pdf(b"<</JSTag 1/AAB<<>>/OpenActionable 1>>"),
        # A picture is no object: it is not looked into, and holds any bytes.
        a_pdf(a_stream(b"\xff\xd8 /JS \xff\xd9", b"/Subtype/Image/Filter/DCTDecode")),
    ],
)
def test_a_quiet_pdf_is_taken_as_it_is(content: bytes):
    assert checked(content, PDF) == content


def test_our_own_papers_are_taken():
    typst = pytest.importorskip("typst")
    page = typst.compile(b"= Courrier\nBonjour", format="pdf")
    assert checked(page, PDF) == page


@pytest.mark.parametrize(
    "written",
    [
        b"<</S/JavaScript/JS(app.alert(1))>>",
        b"<</S/#4aavaScript>>",
        b"<</S/J#61v#61Script>>",
        b"<</JS 4 0 R>>",
        b"<</#4A#53<6170>>>",
        b"<</S/Launch/F(cmd.exe)>>",
        b"<</Type/EmbeddedFile>>",
        b"<</Names<</EmbeddedFiles 5 0 R>>>>",
        b"<</AA<</O 5 0 R>>>>",
        b"<</AA 5 0 R>>",
        b"<</Subtype/RichMedia>>",
        b"<</AcroForm<</XFA 5 0 R>>>>",
        b"<</OpenAction 5 0 R>>",
        b"<</Encrypt 5 0 R>>",
        b"<</S/SubmitForm/F(https://example.org)>>",
    ],
)
def test_a_pdf_that_acts_is_refused_wherever_it_says_so(written: bytes):
    assert refused(a_pdf(written), PDF) == "document_active"
    assert refused(a_pdf(objects_inside(written)), PDF) == "document_active"
    assert refused(a_pdf(a_stream(zlib.compress(written))), PDF) == "document_active"


@pytest.mark.parametrize(
    "hidden",
    [
        objects_inside(b"<<>>", b"/Filter[/ASCIIHexDecode/FlateDecode]"),
        objects_inside(b"<<>>", b"/Filter/L#5aWDecode"),
        objects_inside(b"<<>>", b"/Filter/FlateDecode/DecodeParms<</Predictor 12>>"),
        # Cut short, and not zlib at all.
        a_stream(zlib.compress(b"9 0 <<>>")[:-6], b"/Type/ObjStm/First 4/Filter/FlateDecode"),
        a_stream(b"<<>>", b"/Type/#4fbjStm/First 4/Filter/FlateDecode"),
    ],
)
def test_objects_that_cannot_be_looked_at_are_refused(hidden: bytes):
    assert refused(a_pdf(hidden), PDF) == "document_active"


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.5\n",
        b"%PDF-9.9\n" + a_pdf()[9:],
        a_pdf()[:-7],
        a_pdf() + b"<script>",
        a_pdf().replace(b"startxref\n", b"startxref\n1"),
        # A stream that swallows another.
        a_pdf(b"% >>\nstream\n" + a_stream(b"x")),
    ],
)
def test_a_pdf_without_its_ends_is_refused(content: bytes):
    assert refused(content, PDF) == "document_broken"


def test_a_pdf_that_swells_is_refused_in_a_moment():
    bomb = zlib.compress(b"\x00" * (MOST_INFLATED + 1), 9)
    assert refused(a_pdf(a_stream(bomb)), PDF) == "document_heavy"
    parts = [a_stream(zlib.compress(bytes(range(256)) * 4_096, 9)) for _part in range(25)]
    assert refused(a_pdf(*parts), PDF) == "document_heavy"
    assert refused(a_pdf(*[a_stream(b"")] * 6_000), PDF) == "document_broken"


def test_a_photograph_loses_what_it_says_beside_the_picture():
    told = [
        segment(0xE0, b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"),
        segment(0xE1, b"Exif\x00\x00" + SECRET),
        segment(0xED, b"Photoshop" + SECRET),
        segment(0xFE, SECRET),
    ]
    kept = checked(a_jpeg(*told, after=SECRET), JPEG)
    assert SECRET not in kept and b"Exif" not in kept
    assert kept == a_jpeg()
    # What says how the colours were written stays.
    adobe = segment(0xEE, b"Adobe\x00\x64\x00\x00\x00\x00\x01")
    assert checked(a_jpeg(adobe), JPEG) == a_jpeg(adobe)
    assert checked(a_jpeg(segment(0xEE, b"Adobe" + SECRET)), JPEG) == a_jpeg()


@pytest.mark.parametrize(
    "content",
    [
        a_jpeg()[:-2],
        a_jpeg()[:40],
        a_jpeg(segment(0xC0, b"\x08\x00\x08\x00\x08\x01\x01\x11\x00")),
        a_jpeg(width=0),
        a_jpeg(segment(0xFE, b"") + b"\x00\x00"),
        a_jpeg(segment(0xF7, b"?")),
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8" + b"\xff\xfe\x00\x02" * 1_000_000,
    ],
)
def test_a_broken_photograph_is_refused(content: bytes):
    assert refused(content, JPEG) == "document_broken"


def test_a_photograph_of_a_wall_is_too_wide():
    assert refused(a_jpeg(width=60_000, height=60_000), JPEG) == "document_heavy"


def test_a_picture_loses_its_words():
    told = [
        chunk(b"tEXt", b"Author\x00" + SECRET),
        chunk(b"eXIf", SECRET),
        chunk(b"tIME", b"1234567"),
    ]
    content = a_png(2, 2, *told) + SECRET
    assert checked(content, PNG) == a_png()
    assert checked(a_png(9, 9, pixels=b"\x00" * 100, interlaced=1), PNG)


@pytest.mark.parametrize(
    "content",
    [
        a_png()[:-4],
        a_png().replace(b"IDAT", b"IDAX"),
        a_png(2, 2, chunk(b"ABCD", b"")),
        a_png(pixels=b"\x00" * 5),
        a_png(pixels=b"\x00" * 7),
        a_png(0, 2),
        a_png(2, 2, chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0))),
        b"\x89PNG\r\n\x1a\n" + chunk(b"tEXt", b"") * 300_000,
    ],
)
def test_a_broken_picture_is_refused(content: bytes):
    assert refused(content, PNG) == "document_broken"


def test_a_picture_that_swells_is_refused_in_a_moment():
    assert refused(a_png(2, 2, pixels=b"\x00" * 200_000_000), PNG) == "document_broken"
    assert refused(a_png(60_000, 60_000, pixels=b""), PNG) == "document_heavy"
    header = struct.pack(">IIBBBBB", 7_000, 7_000, 16, 6, 0, 0, 0)
    wide = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    )
    assert refused(wide, PNG) == "document_heavy"


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        (a_png(), JPEG),
        (a_jpeg(), PDF),
        (a_pdf(), PNG),
        (a_pdf(), "text/html"),
        (b"<svg onload=alert(1)>", PNG),
        (b"PK\x03\x04", PDF),
        (b"", PDF),
        (b"\n" + a_pdf(), PDF),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(content: bytes, declared: str):
    assert refused(content, declared) == "document_type"
