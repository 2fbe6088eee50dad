"""Is it what it says it is, and nothing more? Bytes in, bytes to keep out.

Nothing is opened by a library that draws or runs: the structure is walked with bounds on every
count and on everything that is inflated. A picture comes out without its metadata, untouched
otherwise. A PDF comes out as it came, or is refused: it may hold nothing that acts by itself.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from soutien.steps.errors import Refusal

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
# As long and as wide as a large photograph.
MOST_SIDE, MOST_PIXELS = 20_000, 50_000_000
MOST_SEGMENTS, MOST_STREAMS = 20_000, 5_000
MOST_INFLATED, MOST_PNG_INFLATED = 20 * 1_048_576, 64 * 1_048_576
# No paper is this much larger inside than outside; whatever is this small may be.
MOST_RATIO, FREE_OF_RATIO = 200, 1_048_576
PIECE = 1_048_576

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB"})
# colour type: channels, and the depths it may have.
PNG_COLOURS = {
    0: (1, {1, 2, 4, 8, 16}),
    2: (3, {8, 16}),
    3: (1, {1, 2, 4, 8}),
    4: (2, {8, 16}),
    6: (4, {8, 16}),
}
PNG_HEADER = struct.Struct(">IIBBBBB")
# Each pass of an interlaced picture: first column, first row, steps between them.
ADAM7 = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
JPEG_TABLES = frozenset({0xC4, 0xDB, 0xDD})
SOI, EOI, SOS, ADOBE = 0xD8, 0xD9, 0xDA, 0xEE
# What tells a reader how Adobe wrote the colours: a name and numbers, nothing of anybody.
ADOBE_SEGMENT = re.compile(rb"Adobe.{7}", re.DOTALL)
NEXT_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")

ACTING = (
    *("JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "OpenAction", "RichMedia", "XFA"),
    *("SubmitForm", "ImportData", "GoToE", "GoToR", "Rendition", "Movie", "Sound", "Encrypt"),
)
OTHER_FILTERS = (
    *("ASCIIHexDecode", "AHx", "ASCII85Decode", "A85", "LZWDecode", "LZW", "RunLengthDecode"),
    *("RL", "Crypt", "DecodeParms", "DP", "FFilter"),
)
_END = rb"(?![^\x00\t\n\f\r ()<>\[\]{}/%])"
_SPACE = rb"[\x00\t\n\f\r ]*"


def _written(name: str) -> bytes:
    """A name of a PDF, each letter as it is or as #xx."""
    letters = [rb"(?:%c|#%s)" % (ord(one), _hexadecimal(ord(one))) for one in name]
    return b"".join(letters)


def _hexadecimal(code: int) -> bytes:
    return "".join(
        f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in f"{code:02x}"
    ).encode()


def _names(*names: str) -> bytes:
    return rb"/(?:" + b"|".join(_written(name) for name in names) + rb")" + _END


# The two short ones would be found in any compressed picture: with their value only.
ACTS = re.compile(
    _names(*ACTING)
    + rb"|/%s%s(?:[(<%%]|\d+[\x00\s%%])" % (_written("JS") + _END, _SPACE)
    + rb"|/%s%s(?:<<|%%|\d+[\x00\s%%])" % (_written("AA") + _END, _SPACE)
)
HOLDS_OBJECTS = re.compile(_names("ObjStm", "First"))
HIDES = re.compile(_names(*OTHER_FILTERS))
FILTERED = re.compile(_names("Filter", "F"))
STREAM = re.compile(rb"(?<!end)stream\r?\n")
HEADER = re.compile(rb"%PDF-(?:1\.[0-7]|2\.0)[\r\n ]")
ENDING = re.compile(rb"startxref\s+(\d{1,8})\s+%%EOF\s*\Z")
TABLE = re.compile(rb"xref\s|\d{1,8}\s+\d{1,5}\s+obj\b")
LAST_BYTES = 1_024


def checked(content: bytes, declared: str) -> bytes:
    """What to keep of a file that says to be of a type.

    Refuses ``document_type``, ``document_broken``, ``document_active`` and ``document_heavy``.
    """
    if found(content) != declared:
        raise Refusal("document_type", fields=("file",))
    return {PDF: pdf, JPEG: jpeg, PNG: png}[declared](content)


def found(content: bytes) -> str:
    """What the first bytes are of; empty for anything else."""
    for start, kind in ((b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (PNG_SIGNATURE, PNG)):
        if content.startswith(start):
            return kind
    return ""


def _broken() -> Refusal:
    return Refusal("document_broken", fields=("file",))


def _heavy() -> Refusal:
    return Refusal("document_heavy", fields=("file",))


def _dimensions(width: int, height: int) -> None:
    if not width or not height:
        raise _broken()
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        raise _heavy()


def pdf(content: bytes) -> bytes:
    """The same bytes, when nothing in them acts, hides, or swells."""
    ending = ENDING.search(content, max(0, len(content) - LAST_BYTES))
    if not HEADER.match(content) or ending is None:
        raise _broken()
    if not TABLE.match(content, int(ending[1])):
        raise _broken()
    if ACTS.search(content):
        raise Refusal("document_active", fields=("file",))
    left = MOST_INFLATED
    for before, inside in _streams(content):
        objects = HOLDS_OBJECTS.search(before)
        if objects and HIDES.search(before):
            raise Refusal("document_active", fields=("file",))
        opened, whole = _inflated(inside, left)
        left -= len(opened)
        if objects and FILTERED.search(before) and not whole:
            # Objects that cannot be looked at.
            raise Refusal("document_active", fields=("file",))
        if ACTS.search(opened):
            raise Refusal("document_active", fields=("file",))
    return content


def _streams(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each stream with what stands between it and the one before."""
    after, count = 0, 0
    while start := STREAM.search(content, after):
        end, count = content.find(b"endstream", start.end()), count + 1
        if end < 0 or count > MOST_STREAMS or STREAM.search(content, start.end(), end):
            raise _broken()
        yield content[after : start.start()], content[start.end() : end]
        after = end + len(b"endstream")


def _inflated(inside: bytes, most: int) -> tuple[bytes, bool]:
    """What zlib finds, and whether all of it; refused beyond the bounds."""
    inflating = zlib.decompressobj()
    try:
        opened = inflating.decompress(inside, most + 1)
    except zlib.error:
        return b"", False
    if len(opened) > most:
        raise _heavy()
    if len(opened) > max(FREE_OF_RATIO, MOST_RATIO * len(inside)):
        raise _heavy()
    return opened, inflating.eof


def jpeg(content: bytes) -> bytes:
    """The picture without what cameras and programs write beside it, nor what follows it."""
    kept, place, frames, scans = [b"\xff\xd8"], 2, 0, 0
    for _count in range(MOST_SEGMENTS):
        marker, place = _marker(content, place)
        if marker == EOI:
            if frames != 1 or not scans:
                raise _broken()
            return b"".join([*kept, b"\xff\xd9"])
        told, place = _segment(content, place)
        if marker in JPEG_FRAMES:
            frames += 1
            _frame(told)
        if marker in JPEG_FRAMES | JPEG_TABLES | {SOS} or (
            marker == ADOBE and ADOBE_SEGMENT.fullmatch(told)
        ):
            kept.append(struct.pack(">BBH", 0xFF, marker, len(told) + 2) + told)
        elif not _is_said_beside(marker):
            raise _broken()
        if marker == SOS:
            scans += 1
            following = NEXT_MARKER.search(content, place)
            if following is None or frames != 1:
                raise _broken()
            kept.append(content[place : following.start()])
            place = following.start()
    raise _broken()


def _marker(content: bytes, place: int) -> tuple[int, int]:
    start = NEXT_MARKER.match(content, place)
    if start is None:
        raise _broken()
    return content[start.end() - 1], start.end()


def _segment(content: bytes, place: int) -> tuple[bytes, int]:
    length = int.from_bytes(content[place : place + 2], "big")
    told = content[place + 2 : place + length]
    if len(told) != length - 2:
        raise _broken()
    return told, place + length


def _frame(told: bytes) -> None:
    if len(told) < struct.calcsize(">BHHB"):
        raise _broken()
    _depth, height, width, parts = struct.unpack_from(">BHHB", told)
    if parts not in (1, 3, 4) or len(told) != struct.calcsize(">BHHB") + 3 * parts:
        raise _broken()
    _dimensions(width, height)


def _is_said_beside(marker: int) -> bool:
    """APPn and comments: who took it, where, with what."""
    first, last, comment = 0xE0, 0xEF, 0xFE
    return first <= marker <= last or marker == comment


def png(content: bytes) -> bytes:
    """The picture without its words, dates and profiles, nor what follows it."""
    kept, chunks = [PNG_SIGNATURE], list(_chunks(content))
    names = [name for name, _data in chunks]
    if names[0] != b"IHDR" or names.count(b"IHDR") != 1 or names.count(b"PLTE") > 1:
        raise _broken()
    for name, data in chunks:
        if name in PNG_KEPT:
            kept.append(struct.pack(">I", len(data)) + name + data)
            kept.append(struct.pack(">I", zlib.crc32(name + data)))
        elif name[:1].isupper():
            # A part that nobody may leave out, and that we do not know.
            raise _broken()
    _pixels(b"".join(data for name, data in chunks if name == b"IDAT"), _expected(chunks[0][1]))
    return b"".join(kept)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(PNG_SIGNATURE)
    for _count in range(MOST_SEGMENTS):
        if len(content) < place + 12:
            raise _broken()
        length, name = struct.unpack_from(">I4s", content, place)
        end = place + 8 + length
        data, told = content[place + 8 : end], content[end : end + 4]
        if not name.isalpha() or told != struct.pack(">I", zlib.crc32(name + data)):
            raise _broken()
        yield name, data
        if name == b"IEND":
            return
        place = end + 4
    raise _broken()


def _expected(header: bytes) -> int:
    """How many bytes the pixels are, filters included."""
    if len(header) != PNG_HEADER.size:
        raise _broken()
    width, height, depth, colour, packing, filtering, interlaced = PNG_HEADER.unpack(header)
    channels, depths = PNG_COLOURS.get(colour, (0, set()))
    if depth not in depths or packing or filtering or interlaced not in (0, 1):
        raise _broken()
    _dimensions(width, height)
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * channels * depth + 7) // 8)
    if total > MOST_PNG_INFLATED:
        raise _heavy()
    return total


def _pixels(packed: bytes, expected: int) -> None:
    """Inflated piece by piece and thrown away: exactly as many bytes as the header says."""
    inflating, count, rest = zlib.decompressobj(), 0, packed
    try:
        while not inflating.eof:
            piece = inflating.decompress(rest, PIECE)
            count, rest = count + len(piece), inflating.unconsumed_tail
            if count > expected or not (piece or rest or inflating.eof):
                break
    except zlib.error as wrong:
        raise _broken() from wrong
    if count != expected or not inflating.eof or inflating.unused_data:
        raise _broken()
