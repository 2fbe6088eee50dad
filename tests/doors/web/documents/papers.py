"""Made-up papers, written byte by byte: right ones, and ones that nobody should take."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime

from django.core.files.uploadedfile import SimpleUploadedFile

from soutien.registers.documents import queries as documents
from soutien.registers.documents.models import Document
from soutien.registers.people.models import Person

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def a_pdf(*objects: bytes, root: bytes = b"") -> bytes:
    """A PDF of one empty page, with these objects more."""
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R" + root + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
        *objects,
    ]
    written, places = b"%PDF-1.5\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    return written + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(bodies) + 1,
        start,
    )


def a_stream(inside: bytes, told: bytes = b"/Filter/FlateDecode") -> bytes:
    """A stream of a PDF; its content as it is given."""
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (told, len(inside), inside)


def objects_inside(written: bytes, told: bytes = b"/Filter/FlateDecode") -> bytes:
    """Objects packed together, as PDF 1.5 allows."""
    return a_stream(zlib.compress(b"9 0 " + written), b"/Type/ObjStm/N 1/First 4" + told)


def chunk(name: bytes, data: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def a_png(
    width: int = 2,
    height: int = 2,
    *more: bytes,
    pixels: bytes | None = None,
    interlaced: int = 0,
) -> bytes:
    """A grey picture, with these parts more."""
    rows = b"\x00" * (height * (1 + width)) if pixels is None else pixels
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, interlaced)),
            *more,
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND", b""),
        ]
    )


def segment(marker: int, data: bytes) -> bytes:
    """A part of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


FRAME = 0xC0


def a_jpeg(*more: bytes, width: int = 8, height: int = 8, after: bytes = b"") -> bytes:
    """A grey picture, with these parts more."""
    return b"".join(
        [
            b"\xff\xd8",
            *more,
            segment(0xDB, b"\x00" + b"\x01" * 64),
            segment(FRAME, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"),
            segment(0xC4, b"\x00\x01" + b"\x00" * 15 + b"\x00"),
            segment(0xC4, b"\x10\x01" + b"\x00" * 15 + b"\x00"),
            segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            b"\x2a\xff\x00\x2a\xff\xd9",
            after,
        ]
    )


def sent(
    content: bytes, content_type: str, name: str = "Courrier de Zoé.pdf"
) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content, content_type=content_type)


def a_paper(who: Person, content: bytes | None = None) -> Document:
    """A paper in somebody's file."""
    return documents.keep(
        who.pk,
        kind="other",
        content_type="application/pdf",
        content=a_pdf() if content is None else content,
        by="person",
        at=NOW,
    )
