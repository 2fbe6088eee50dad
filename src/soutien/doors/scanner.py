"""Asks the virus scanner that the operator named about a file, before it is kept.

ClamAV's own words (``clamd``, INSTREAM): the bytes are sent over a socket and stand on no disk
here. A scanner that does not answer lets nothing through.
"""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from soutien.doors.environment import NO_SCANNER
from soutien.steps.errors import Refusal

SECONDS = 20
PIECE = 64 * 1024
LONGEST_ANSWER = 1024
LENGTH = struct.Struct(">I")
CLEAN, FOUND = re.compile(rb"stream: OK\0?"), re.compile(rb"stream: .+ FOUND\0?")


def scanned(content: bytes) -> None:
    """Returns when nothing is found, or nobody is asked.

    Refuses ``document_infected`` and ``document_not_scanned``.
    """
    if settings.SCANNER == NO_SCANNER:
        return
    try:
        with _line() as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                line.sendall(LENGTH.pack(len(piece)) + piece)
            line.sendall(LENGTH.pack(0))
            told = _answer(line)
    except OSError as error:
        raise Refusal("document_not_scanned", fields=("file",)) from error
    if FOUND.fullmatch(told):
        raise Refusal("document_infected", fields=("file",))
    if not CLEAN.fullmatch(told):
        raise Refusal("document_not_scanned", fields=("file",))


def answers() -> bool:
    """Whether the scanner is there."""
    try:
        with _line() as line:
            line.sendall(b"zPING\0")
            return _answer(line) == b"PONG\0"
    except OSError:
        return False


@contextmanager
def _line() -> Iterator[socket.socket]:
    path, host, port = settings.SCANNER
    if path:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    else:
        line = socket.create_connection((host, port), SECONDS)
    with line:
        line.settimeout(SECONDS)
        if path:
            line.connect(path)
        yield line


def _answer(line: socket.socket) -> bytes:
    """Up to the NUL that ends it, or the end of the line."""
    told = b""
    while not told.endswith(b"\0") and len(told) < LONGEST_ANSWER:
        piece = line.recv(LONGEST_ANSWER)
        if not piece:
            break
        told += piece
    return told
