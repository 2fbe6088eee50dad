"""Leaving a letter in the transaction of the act, and what the couriers ask later.

A courier leases letters, begins each dispatch, sends, and says so: three short transactions, so
that whatever stops in between is seen (docs/decisions/0014-exactly-once-letters.md).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from soutien.bulk import Rows
from soutien.registers.outbox.models import Dispatch, Letter, LocalMessage

# Names of letters that must exist once, whoever leaves them twice.
NAMED = uuid.UUID("6f4d0d0e-0c4b-5a55-9f0a-51b3f5a1f0d7")
SHOWN = 120


class LeaseLost(Exception):
    """Another courier has the letter by now: this one must not touch it any more."""


def announce(
    *,
    kind: str,
    payload: Mapping[str, int | uuid.UUID | str],
    at: datetime,
    deliver_after: datetime | None = None,
    once: str = "",
) -> Letter:
    """Leave a letter to deliver from ``deliver_after`` on (at once when not given).

    The payload holds keys: whole numbers and UUIDs. Anything else raises ValueError, so that no
    name and no word on health can travel by this way. Left twice with the same ``once``, the
    letter is there once, as it was left first.
    """
    letter = _letter(kind, payload, at, deliver_after or at, once)
    if not once:
        return _left(letter)
    Letter.objects.bulk_create([letter], ignore_conflicts=True)
    return Letter.objects.get(public_id=letter.public_id)


def left_before(once: str) -> bool:
    """Whether a letter of this name was left, delivered or not, and is still kept."""
    return Letter.objects.filter(public_id=uuid.uuid5(NAMED, once)).exists()


def announce_all(
    *, kind: str, payloads: Collection[Mapping[str, int | uuid.UUID | str]], at: datetime
) -> None:
    """One letter for each payload, all of one kind, in one statement."""
    rows = []
    for payload in payloads:
        keys = {name: _key(name, value) for name, value in payload.items()}
        rows.append(_NewLetter(kind, json.dumps(keys), _about(keys), at, at))
    _LETTERS.write(rows)


def left(once: str) -> Letter | None:
    """The letter that was left under a name, delivered or not."""
    return Letter.objects.filter(public_id=uuid.uuid5(NAMED, once)).first()


def waiting() -> QuerySet[Letter]:
    """Letters that are neither delivered nor parked."""
    return Letter.objects.filter(delivered_at__isnull=True, parked_at__isnull=True)


def due(at: datetime, limit: int = 100) -> list[Letter]:
    """Letters that nobody has and that should be delivered by now, oldest first."""
    return list(_due(at)[:limit])


def lease(at: datetime, *, by: uuid.UUID, until: datetime, limit: int = 20) -> list[Letter]:
    """Take letters that are due: until then nobody else does. Counts as an attempt.

    On PostgreSQL couriers pass over each other's rows; on SQLite the transaction is IMMEDIATE.
    """
    with transaction.atomic():
        letters = list(_due(at).select_for_update(skip_locked=True)[:limit])
        Letter.objects.filter(pk__in=[letter.pk for letter in letters]).update(
            leased_by=by, leased_until=until, attempts=F("attempts") + 1
        )
    for letter in letters:
        letter.leased_by, letter.leased_until = by, until
        letter.attempts += 1
    return letters


def keep(letter_id: int, *, by: uuid.UUID, until: datetime) -> None:
    """Keep a leased letter until later. Raises LeaseLost when another courier has it."""
    if not _held(letter_id, by).update(leased_until=until):
        raise LeaseLost(f"Letter {letter_id} was taken over: its lease ended.")


def begin(
    letter: Letter,
    *,
    by: uuid.UUID,
    channel: str,
    recipient: str,
    at: datetime,
    until: datetime,
) -> Dispatch:
    """Write that a message is about to be sent, and keep the letter until ``until``.

    The answer's ``begun_times`` is above 1 when a courier stopped after beginning; when it was
    sent, it is left as it is. Raises LeaseLost.
    """
    with transaction.atomic():
        keep(letter.pk, by=by, until=until)
        dispatch, _made = Dispatch.objects.select_for_update().get_or_create(
            letter=letter,
            channel=channel,
            recipient=recipient,
            defaults={"key": uuid.uuid5(letter.public_id, f"{channel}/{recipient}")},
        )
        if dispatch.sent_at is None:
            dispatch.begun_at = at
            dispatch.begun_times += 1
            dispatch.save(update_fields=["begun_at", "begun_times"])
        return dispatch


def sent(dispatch: Dispatch, *, at: datetime) -> None:
    """The message left, for sure."""
    Dispatch.objects.filter(pk=dispatch.pk, sent_at__isnull=True).update(sent_at=at)


def not_sent(dispatch: Dispatch) -> None:
    """The message did not leave, for sure: the beginning is forgotten."""
    Dispatch.objects.filter(pk=dispatch.pk, sent_at__isnull=True).update(
        begun_at=None, begun_times=F("begun_times") - 1
    )


def delivered(letter_id: int, *, at: datetime, by: uuid.UUID | None = None) -> bool:
    """All of the letter arrived; false when another courier has it."""
    rows = _held(letter_id, by)
    return bool(
        rows.update(delivered_at=at, leased_by=None, leased_until=None, trouble="", parked_at=None)
    )


def try_again(
    letter_id: int, *, after: datetime, by: uuid.UUID | None = None, trouble: str = ""
) -> bool:
    """The letter did not arrive: it is due again from ``after`` on."""
    rows = _held(letter_id, by)
    return bool(
        rows.update(
            deliver_after=after, leased_by=None, leased_until=None, trouble=trouble[:SHOWN]
        )
    )


def postpone(letter_id: int, *, after: datetime, by: uuid.UUID) -> bool:
    """It was not the time to tell it: due again from ``after`` on, without counting."""
    rows = _held(letter_id, by)
    return bool(
        rows.update(
            deliver_after=after,
            leased_by=None,
            leased_until=None,
            attempts=F("attempts") - 1,
        )
    )


def park(letter_id: int, *, at: datetime, trouble: str, by: uuid.UUID | None = None) -> bool:
    """Nobody tries any more until somebody looked: ``trouble`` says why, in codes."""
    rows = _held(letter_id, by)
    return bool(
        rows.update(parked_at=at, leased_by=None, leased_until=None, trouble=trouble[:SHOWN])
    )


def parked() -> list[Letter]:
    """What no courier tries any more, oldest first."""
    found = Letter.objects.filter(delivered_at__isnull=True, parked_at__isnull=False)
    return list(found.order_by("parked_at", "id"))


def unpark(*, at: datetime, letter_ids: Collection[int] | None = None, trouble: str = "") -> int:
    """Parked letters are due again, with all their attempts; how many.

    Those given, or those that were parked for a reason that starts with ``trouble``.
    """
    rows = Letter.objects.filter(delivered_at__isnull=True, parked_at__isnull=False)
    if letter_ids is not None:
        rows = rows.filter(pk__in=letter_ids)
    if trouble:
        rows = rows.filter(trouble__startswith=trouble)
    Dispatch.objects.filter(letter__in=rows, sent_at__isnull=True).update(begun_times=0)
    return rows.update(parked_at=None, trouble="", attempts=0, deliver_after=at)


def told_before(letter: Letter, kinds: Collection[str]) -> bool:
    """Whether a letter of one of these kinds was left before, about the same thing."""
    same = Letter.objects.filter(about=letter.about, kind__in=kinds)
    return same.filter(pk__lt=letter.pk).exists()


def told_since(letter: Letter, kinds: Collection[str]) -> bool:
    """Whether a letter of one of these kinds was left after it, about the same thing."""
    same = Letter.objects.filter(about=letter.about, kind__in=kinds)
    return same.filter(pk__gt=letter.pk).exists()


def last_told(abouts: Collection[str], kinds: Collection[str]) -> dict[str, datetime]:
    """When each thing was last told of, for those that were."""
    rows = Letter.objects.filter(about__in=abouts, kind__in=kinds).order_by("created_at")
    return dict(rows.values_list("about", "created_at"))


def keep_here(
    *,
    key: uuid.UUID,
    channel: str,
    sender: str,
    recipient: str,
    subject: str,
    body: str,
    attachment: str,
    at: datetime,
) -> None:
    """Put a message in the local mailbox; a key that is there already changes nothing."""
    message = LocalMessage(
        key=key,
        channel=channel,
        sender=sender,
        recipient=recipient,
        subject=subject,
        body=body,
        attachment=attachment,
        arrived_at=at,
    )
    LocalMessage.objects.bulk_create([message], ignore_conflicts=True)


def is_here(key: uuid.UUID) -> bool:
    """Whether the local mailbox holds a message."""
    return LocalMessage.objects.filter(key=key).exists()


def mailbox(limit: int = 100) -> list[LocalMessage]:
    """What stayed here, newest first."""
    return list(LocalMessage.objects.order_by("-arrived_at", "-id")[:limit])


def message_here(key: uuid.UUID) -> LocalMessage | None:
    """One message of the local mailbox."""
    return LocalMessage.objects.filter(key=key).first()


def _due(at: datetime) -> QuerySet[Letter]:
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=at)
    return waiting().filter(free, deliver_after__lte=at).order_by("deliver_after", "id")


def _held(letter_id: int, by: uuid.UUID | None) -> QuerySet[Letter]:
    """The letter, unless it was delivered, or (when told who asks) somebody else has it."""
    rows = Letter.objects.filter(pk=letter_id, delivered_at__isnull=True)
    return rows if by is None else rows.filter(leased_by=by)


# Every act leaves a letter: the ORM's own writing took longer than the database's.
_LEAVE = """
    INSERT INTO outbox_letter
        (public_id, kind, payload, about, created_at, deliver_after, attempts, trouble)
    VALUES (%s, %s, %s, %s, %s, %s, 0, '') RETURNING id
"""


def _letter(
    kind: str,
    payload: Mapping[str, int | uuid.UUID | str],
    at: datetime,
    deliver_after: datetime,
    once: str,
) -> Letter:
    keys = {name: _key(name, value) for name, value in payload.items()}
    return Letter(
        public_id=uuid.uuid5(NAMED, once) if once else uuid.uuid4(),
        kind=kind,
        payload=keys,
        about=_about(keys),
        created_at=at,
        deliver_after=deliver_after,
    )


class _NewLetter(NamedTuple):
    kind: str
    payload: str
    about: str
    created_at: datetime
    deliver_after: datetime


_LETTERS: Rows[_NewLetter] = Rows(Letter, _NewLetter)


def _about(keys: Mapping[str, int | str]) -> str:
    return next((f"{name}:{value}" for name, value in keys.items()), "")


def _left(letter: Letter) -> Letter:
    """The new letter, written."""
    native = connection.features.has_native_uuid_field
    values = [
        letter.public_id if native else letter.public_id.hex,
        letter.kind,
        json.dumps(letter.payload),
        letter.about,
        *map(connection.ops.adapt_datetimefield_value, (letter.created_at, letter.deliver_after)),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE, values)
        [letter.pk] = cursor.fetchone()
    letter._state.adding, letter._state.db = False, connection.alias
    return letter


def _key(name: str, value: Any) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        raise ValueError(
            f"The payload's {name!r} is neither a whole number nor a UUID: a letter holds keys "
            "only; the courier reads the rest when it delivers."
        ) from None
