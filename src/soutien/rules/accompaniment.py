"""What two people may foresee, and what a psychologist watches over a year. Integers only."""

from __future__ import annotations

from typing import NamedTuple

_HUNDRED = 100


def plan_fits(planned: int, sessions_per_year_max: int) -> bool:
    """Whether so many sessions, the evaluation among them, can be foreseen (R-053, R-060)."""
    return 1 <= planned <= sessions_per_year_max


def half_way(planned: int, held: int) -> bool:
    """Whether it is time to look back together: half of what was foreseen is behind."""
    return planned <= 2 * held and held < planned


class RemoteShare(NamedTuple):
    """A psychologist's year under agreement: how much of it was remote (R-058).

    ``room`` is how many remote sessions more could be held just now; ``owed`` how many in person
    bring the share back to the most there may be. One of the two is always zero.
    """

    remote: int
    held: int
    percent_max: int
    room: int
    owed: int

    @property
    def percent(self) -> int:
        """The share, never told smaller than it is."""
        return -(-_HUNDRED * self.remote // self.held) if self.held else 0

    @property
    def beyond(self) -> bool:
        """Whether there is more than there may be."""
        return self.owed > 0


def remote_share(remote: int, held: int, percent_max: int) -> RemoteShare:
    """The share of ``remote`` among ``held``, and how far it is from the most."""
    spare = percent_max * held - _HUNDRED * remote
    room = max(spare, 0) // (_HUNDRED - percent_max)
    owed = -(-max(-spare, 0) // percent_max)
    return RemoteShare(remote, held, percent_max, room, owed)
