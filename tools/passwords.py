"""Writes the digests of long passwords that are known to everybody, from a list by frequency.

    python tools/passwords.py LIST        one password a line, the most used first

For maintainers only: the file it writes is committed, so neither the product nor its tests need
the list. The same list gives the same bytes. Source and licence: docs/data.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """0 when the file is written."""
    from soutien.doors.web.signing_in import known_passwords as known
    from soutien.doors.web.signing_in.passwords import SHORTEST

    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    lines = Path(arguments[0]).read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    long_enough = [line for line in lines if len(line) >= SHORTEST]
    digests = sorted({known.digest(line) for line in long_enough})
    known.FILE.write_bytes(b"".join(digests))
    print(f"{len(long_enough)} of {len(lines)} lines are long enough: {len(digests)} digests.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
