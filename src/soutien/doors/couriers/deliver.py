"""The rounds of a courier: take letters, write them, send, note it. A crash loses nothing.

Each dispatch is begun in the database before it is sent, and noted after. When a courier stops in
between, the next one asks the channel whether the message arrived; a channel that cannot tell (a
bare mail server) is trusted with one more sending, and no more
(docs/decisions/0014-exactly-once-letters.md).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from soutien.doors.couriers.message import Courier, Message, NeverSent, NotSent
from soutien.doors.couriers.writers import WRITERS
from soutien.doors.couriers.writing import NotNow, Task
from soutien.registers.outbox import queries as outbox
from soutien.registers.outbox.models import Letter

log = logging.getLogger(__name__)

# Longer than one message may take; a courier renews it for each.
LEASE = timedelta(minutes=5)
AT_ONCE = 20
# What one waits after each failure: three days in all, then the letter is parked.
DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=8),
    timedelta(hours=20),
    timedelta(hours=20),
    timedelta(hours=20),
)
# Begun, never known to have left, begun again, and still not known: that is one copy too many.
BEGUN_MOST = 2
UNKNOWN_KIND = "unknown_kind"

Clock = Callable[[], datetime]
Stopped = Callable[[], bool]


def goes_on() -> bool:
    """Nobody asks to stop."""
    return False


class Unsure(Exception):
    """It may have left twice already: only a person can say."""


@dataclass
class Round:
    """What a courier did."""

    delivered: int = 0
    sent: int = 0
    later: int = 0
    failed: int = 0
    parked: list[int] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """How many letters it had in its hands."""
        return self.delivered + self.later + self.failed + len(self.parked)


def together(one: Round, other: Round) -> Round:
    """Two rounds as one."""
    return Round(
        one.delivered + other.delivered,
        one.sent + other.sent,
        one.later + other.later,
        one.failed + other.failed,
        one.parked + other.parked,
    )


def couriers() -> dict[str, Courier]:
    """The courier of each channel that the settings name."""
    return {channel: import_string(name)() for channel, name in settings.COURIERS.items() if name}


def deliver_due(
    by_channel: Mapping[str, Courier],
    *,
    clock: Clock = timezone.now,
    limit: int = AT_ONCE,
    stopped: Stopped = goes_on,
) -> Round:
    """One round: takes letters that are due and delivers each, or says why it could not.

    ``stopped`` is asked before each: once it is, the others are given back untouched.
    """
    me, at = uuid.uuid4(), clock()
    done = Round()
    for letter in outbox.lease(at, by=me, until=at + LEASE, limit=limit):
        if stopped():
            outbox.postpone(letter.pk, after=letter.deliver_after, by=me)
            continue
        try:
            outbox.keep(letter.pk, by=me, until=clock() + LEASE)
            _deliver(letter, by_channel, me, clock, done)
        except outbox.LeaseLost:
            # Slow, or asleep: another courier has it, and knows what was begun.
            log.warning("Letter %s was taken over by another courier.", letter.pk)
    return done


def _deliver(
    letter: Letter, by_channel: Mapping[str, Courier], me: uuid.UUID, clock: Clock, done: Round
) -> None:
    writer = WRITERS.get(letter.kind)
    park = partial(_park, letter, me, clock, done)
    if writer is None:
        park(f"{UNKNOWN_KIND}: {letter.kind}")
        return
    if letter.attempts > len(DELAYS) + 1:
        # Each attempt stopped its courier before it could say so.
        park("couriers_stop_at_it")
        return
    try:
        messages = writer(Task(letter, clock(), by_channel.keys()))
        _send_all(letter, messages, by_channel, me, clock, done)
    except NotNow as later:
        outbox.postpone(letter.pk, after=later.after, by=me)
        done.later += 1
    except (Unsure, NeverSent) as trouble:
        park(str(trouble))
    except outbox.LeaseLost:
        raise
    except Exception as trouble:
        _fail(letter, trouble, me, clock, done)
    else:
        outbox.delivered(letter.pk, at=clock(), by=me)
        done.delivered += 1


def _send_all(
    letter: Letter,
    messages: list[Message],
    by_channel: Mapping[str, Courier],
    me: uuid.UUID,
    clock: Clock,
    done: Round,
) -> None:
    """Send each that was not sent yet. One that fails keeps no other from leaving."""
    troubles: list[Exception] = []
    for message in messages:
        try:
            if _send(letter, message, by_channel[message.channel], me, clock):
                done.sent += 1
        except (NotSent, NeverSent, Unsure) as trouble:
            troubles.append(trouble)
    # What may still be mended is tried again first; what may not is then said.
    for kind in (NotSent, Unsure, NeverSent):
        for found in troubles:
            if isinstance(found, kind):
                raise found


def _send(letter: Letter, message: Message, courier: Courier, me: uuid.UUID, clock: Clock) -> bool:
    """True when the message left now; false when it had left before."""
    at = clock()
    dispatch = outbox.begin(
        letter,
        by=me,
        channel=message.channel,
        recipient=message.recipient,
        at=at,
        until=at + LEASE,
    )
    if dispatch.sent_at is not None:
        return False
    if dispatch.begun_times > 1:
        arrived = courier.arrived(dispatch.key)
        if arrived:
            outbox.sent(dispatch, at=clock())
            return False
        if arrived is None and dispatch.begun_times > BEGUN_MOST:
            outbox.not_sent(dispatch)
            raise Unsure("perhaps_sent_twice")
    try:
        courier.send(message, dispatch.key)
    except (NotSent, NeverSent):
        outbox.not_sent(dispatch)
        raise
    outbox.sent(dispatch, at=clock())
    return True


def _fail(letter: Letter, trouble: Exception, me: uuid.UUID, clock: Clock, done: Round) -> None:
    """Wait and try again, longer each time; park it when that was tried often enough.

    Only codes and kinds of errors are kept: an error's text may hold an address.
    """
    code = str(trouble) if isinstance(trouble, NotSent) else type(trouble).__name__
    if letter.attempts > len(DELAYS):
        _park(letter, me, clock, done, code)
        return
    log.warning("Letter %s (%s) waits: %s", letter.pk, letter.kind, code)
    after = clock() + DELAYS[letter.attempts - 1]
    outbox.try_again(letter.pk, after=after, by=me, trouble=code)
    done.failed += 1


def _park(letter: Letter, me: uuid.UUID, clock: Clock, done: Round, trouble: str) -> None:
    log.error("Letter %s (%s) is parked: %s", letter.pk, letter.kind, trouble)
    outbox.park(letter.pk, at=clock(), trouble=trouble, by=me)
    done.parked.append(letter.pk)


def take_up_what_is_known_now(at: datetime) -> int:
    """Letters parked because nobody knew their kind, and somebody does by now; how many."""
    known = [
        letter.pk
        for letter in outbox.parked()
        if letter.trouble.startswith(UNKNOWN_KIND) and letter.kind in WRITERS
    ]
    return outbox.unpark(at=at, letter_ids=known) if known else 0
