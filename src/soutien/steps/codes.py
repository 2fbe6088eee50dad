"""Codes that prove: those an application shows (RFC 6238), and those kept on paper.

Pure arithmetic; the moment is told. Comparisons take the same time whatever differs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

SECRET_BYTES = 20
DIGITS = 6
PERIOD_SECONDS = 30
# A clock may be a little slow or fast: one code before and one after are taken.
NEAR = 1
PAPER_CODES = 10
# No 0 and o, 1, i and l: what is copied from paper must not be guessed.
_PAPER_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
# 118 bits: nobody tries them all, so that a plain digest may be kept of each.
_PAPER_GROUPS, _PAPER_GROUP = 6, 4
_SIGN = 0x7FFFFFFF


def new_secret() -> str:
    """A key to share with an application, in base 32."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def counter_at(at: datetime) -> int:
    """The number of the code shown at a moment."""
    return int(at.timestamp()) // PERIOD_SECONDS


def code_of(secret: str, counter: int) -> str:
    """The code of a number (RFC 4226, SHA-1, six digits)."""
    key = base64.b32decode(secret, casefold=True)
    digest = hmac.new(key, counter.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & _SIGN
    return f"{number % 10**DIGITS:0{DIGITS}}"


def matching_counter(
    secret: str, code: str, *, at: datetime, after: int = 0, ahead: int = NEAR
) -> int | None:
    """The number of a code that is right about now and later than ``after``; None when wrong.

    All candidates are compared, whichever is right.
    """
    typed = digits_of(code).encode()
    now = counter_at(at)
    found = None
    for counter in range(now - NEAR, now + ahead + 1):
        right = hmac.compare_digest(code_of(secret, counter).encode(), typed)
        if right and counter > after and found is None:
            found = counter
    return found


def digits_of(code: str) -> str:
    """The code as it is compared: what people write between the digits does not count."""
    return "".join(character for character in code if character in "0123456789")


def looks_shown(code: str) -> bool:
    """Whether this is a code of an application, and not one on paper."""
    kept = "".join(character for character in code if character.isalnum())
    return len(kept) <= DIGITS


def new_paper_codes() -> tuple[str, ...]:
    """Codes to print: six groups of four."""
    return tuple(
        "-".join(
            "".join(secrets.choice(_PAPER_LETTERS) for _letter in range(_PAPER_GROUP))
            for _group in range(_PAPER_GROUPS)
        )
        for _code in range(PAPER_CODES)
    )


def paper_digest(code: str) -> str:
    """What is kept of a code on paper; spaces, dashes and capitals do not count."""
    plain = "".join(character for character in code.lower() if character.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def matching_digest(code: str, digests: Iterable[str]) -> int | None:
    """The position of a code's digest among those given; all are compared."""
    typed = paper_digest(code)
    found = None
    for position, digest in enumerate(digests):
        if hmac.compare_digest(digest, typed):
            found = position
    return found
