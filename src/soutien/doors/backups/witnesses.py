"""What registers say of their own state, which a restored database must say again.

A register is a witness by a function without arguments that answers something JSON can hold. It is
asked inside the snapshot of a backup, and inside the transaction of a restore.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from soutien.registers.audit import queries as journal
from soutien.registers.audit import reading


def ends_of_the_journal() -> dict[str, list[Any]]:
    """Each lane with the number and the link of its last line."""
    return {str(head.lane): [head.sequence, head.link.hex()] for head in journal.heads()}


# Totals of money come here when there is a ledger.
WITNESSES: dict[str, Callable[[], Any]] = {"journal": ends_of_the_journal}


def testimony() -> dict[str, Any]:
    """What all of them say now, as it will be read back."""
    found: dict[str, Any] = json.loads(
        json.dumps({name: ask() for name, ask in WITNESSES.items()})
    )
    return found


def damage_of_the_journal() -> list[str]:
    """What does not hold in the journal, in words; nothing when it is whole."""
    return [str(damage) for damage in reading.verify().damages]
