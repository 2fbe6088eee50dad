"""Where a child's parents are reached: what is the young person's own must not go there.

A part of steps, asked when a young person gets an account, and when they come of age.
"""

from __future__ import annotations

from soutien.registers.accounts import queries as accounts
from soutien.registers.guardians import queries as guardians
from soutien.registers.guardians.models import plain
from soutien.registers.people import guardianships


def family_addresses(child_id: int) -> frozenset[str]:
    """Mailboxes and numbers of whoever holds authority over a child, or acts or acted for them."""
    found = guardians.reached_at(child_id)
    for row in guardianships.of_child(child_id):
        account = accounts.of_person(row.guardian_id)
        theirs = (row.guardian.email, row.guardian.phone, account.email if account else "")
        found |= {plain(one) for one in theirs if one}
    return frozenset(found)


def is_familys(address: str, family: frozenset[str]) -> bool:
    """Whether an address or number is one of theirs, however it is spelt."""
    return bool(address) and plain(address) in family
