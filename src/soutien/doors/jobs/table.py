"""The jobs: when each is due, how late it may still be done, and what it does.

Each may be begun twice, when a scheduler stops before it said that it was done: what a job does
is found anew each time, and done again it does nothing more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.conf import settings

from soutien.doors import journal_heads
from soutien.doors.jobs.moments import Daily, Hourly, When
from soutien.doors.rights_service import ask_all
from soutien.registers.idempotency import queries as idempotency
from soutien.registers.insurance import queries as insurance
from soutien.registers.jobs import queries as runs
from soutien.registers.limits import queries as limits
from soutien.rules.retention import KEPT
from soutien.steps.actor import SYSTEM
from soutien.steps.come_of_age import pass_majority, tell_of_majority
from soutien.steps.enter import forget_old_sign_ins
from soutien.steps.insure import settle_part
from soutien.steps.insured import due
from soutien.steps.request import forget_old_requests
from soutien.steps.retain import remove_expired
from soutien.steps.verify import tell_of_endings
from soutien.steps.vouch import plan_confirmations
from soutien.steps.witness import end_unconsented

RUNS_KEPT = timedelta(days=90)
ANY = None
# Of one kind in one night; a backlog takes several.
BATCHES_MOST = 100
PARTS_AT_ONCE = 500


class Job(NamedTuple):
    """One line of the table. ``act`` answers with what it did, as a number.

    After a time when nothing ran, the last moment alone is made up for, and not even that one when
    it is longer ago than ``late_most``.
    """

    when: When
    late_most: timedelta | None
    summary: str
    act: Callable[[datetime], int]


def ask_confirmations(at: datetime) -> int:
    """None in the demo: nobody reads those thousands of mails."""
    return 0 if settings.DEMO else plan_confirmations(at=at)


def sign_journal_head(at: datetime) -> int:
    """1 when a line was added to the file of heads; 0 where no signing key was made."""
    return int(bool(journal_heads.day_closed(at)))


def remove_what_is_over(at: datetime) -> int:
    """All kinds, batch by batch; nobody in the demo, whose people are made up."""
    gone = 0
    for kind in () if settings.DEMO else KEPT:
        for _batch in range(BATCHES_MOST):
            rows = remove_expired(kind=kind, at=at, chosen=settings.RETENTION_MONTHS)
            if not rows:
                break
            gone += rows
    return gone


def decide_parts(at: datetime) -> int:
    """The parts that wait, of insurers that told us of their contracts; a few hundred each."""
    decided = 0
    for code in insurance.insurers():
        for decision in due(code, "to_decide")[:PARTS_AT_ONCE]:
            settle_part(actor=SYSTEM, claim_id=decision.claim.public_id, at=at)
            decided += 1
    return decided


JOBS: dict[str, Job] = {
    # A few hundred at a time, so that a mail server sees a trickle and not a flood.
    "confirmations": Job(
        Hourly(5),
        timedelta(minutes=50),
        "ask psychologists whether an old entry is still true",
        ask_confirmations,
    ),
    "sign-ins": Job(
        Hourly(15),
        ANY,
        "remove sessions, links and codes that are over",
        lambda at: forget_old_sign_ins(at=at),
    ),
    "tries": Job(Hourly(20), ANY, "remove counts of past tries", limits.forget_past),
    "answers": Job(
        Hourly(25), ANY, "remove answers kept for repeats that are over", idempotency.forget_over
    ),
    "journal-head": Job(Daily(time(0, 10)), ANY, "sign where the journal ends", sign_journal_head),
    "requests": Job(
        Daily(time(3, 20)),
        ANY,
        "end requests nobody answered, and erase those long over",
        lambda at: forget_old_requests(at=at),
    ),
    "consents": Job(
        Hourly(35),
        ANY,
        "give back the times of children whose consents did not come",
        lambda at: end_unconsented(at=at),
    ),
    # Rights end at midnight by themselves; these follow in the same hour.
    "majority": Job(
        Hourly(2),
        ANY,
        "tell who comes of age within a month, and part mailboxes on the day",
        lambda at: tell_of_majority(at=at) + pass_majority(at=at),
    ),
    # In the evening, about those who come the day after and the next.
    "rights-asked": Job(
        Daily(time(19, 30)),
        timedelta(hours=8),
        "ask the service of rights about whoever has an appointment soon",
        ask_all,
    ),
    "rights-ending": Job(
        Daily(time(9, 15)),
        timedelta(hours=12),
        "write to people whose right ends soon",
        lambda at: tell_of_endings(at=at),
    ),
    "insurers": Job(Hourly(45), ANY, "decide insurers' parts by their contracts", decide_parts),
    "retention": Job(
        Daily(time(3, 30)),
        ANY,
        "remove what was kept long enough, and forget people whose term is over",
        remove_what_is_over,
    ),
    "runs": Job(
        Daily(time(3, 40)),
        ANY,
        "remove what is noted of runs of 90 days ago",
        lambda at: runs.forget_before(at, kept=RUNS_KEPT),
    ),
}
