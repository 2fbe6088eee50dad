"""Questions to the shared calendars. A token itself is never stored: its digest finds the feed."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet

from soutien.registers.calendars.models import Feed, OutsideCalendar


def digest(token: str) -> str:
    """What is stored of a token; it is long and random, so a plain digest is enough."""
    return sha256(token.encode()).hexdigest()


def open_feed(
    *,
    token: str,
    at: datetime,
    language: str,
    person_id: int | None = None,
    psychologist_id: int | None = None,
) -> Feed:
    """Give somebody a new address; the one they had before no longer opens."""
    with transaction.atomic():
        close_feed(at=at, person_id=person_id, psychologist_id=psychologist_id)
        return Feed.objects.create(
            token_digest=digest(token),
            person_id=person_id,
            psychologist_id=psychologist_id,
            language=language,
            created_at=at,
        )


def close_feed(
    *, at: datetime, person_id: int | None = None, psychologist_id: int | None = None
) -> bool:
    """Take somebody's address back; false when they had none."""
    return bool(_live(person_id, psychologist_id).update(revoked_at=at))


def feed_of(*, person_id: int | None = None, psychologist_id: int | None = None) -> Feed | None:
    """The live address of somebody."""
    return _live(person_id, psychologist_id).first()


def feed_by_token(token: str) -> Feed | None:
    """The live feed that a token opens."""
    return Feed.objects.filter(token_digest=digest(token), revoked_at__isnull=True).first()


def follow(*, psychologist_id: int, address: str, at: datetime) -> OutsideCalendar:
    """Read this calendar from now on, instead of the one followed before."""
    calendar, _made = OutsideCalendar.objects.update_or_create(
        psychologist_id=psychologist_id,
        defaults={
            "address": address,
            "created_at": at,
            "etag": "",
            "read_again_at": at,
            "read_at": None,
            "whole_at": None,
            "trouble": "",
            "trouble_since": None,
            "busy_times": 0,
        },
    )
    return calendar


def unfollow(psychologist_id: int) -> bool:
    """Read it no more; false when none was."""
    removed, _by_model = OutsideCalendar.objects.filter(psychologist_id=psychologist_id).delete()
    return bool(removed)


def followed_by(psychologist_id: int) -> OutsideCalendar | None:
    """The calendar elsewhere of a psychologist."""
    return OutsideCalendar.objects.filter(psychologist_id=psychologist_id).first()


def take_to_read(at: datetime, *, until: datetime, limit: int = 10) -> list[OutsideCalendar]:
    """Calendars to read now, taken so that no other courier reads them until then."""
    with transaction.atomic():
        due = OutsideCalendar.objects.filter(read_again_at__lte=at).order_by("read_again_at")
        calendars = list(due.select_for_update(skip_locked=True)[:limit])
        OutsideCalendar.objects.filter(pk__in=[row.pk for row in calendars]).update(
            read_again_at=until
        )
    return calendars


def was_read(
    calendar: OutsideCalendar,
    *,
    at: datetime,
    again_at: datetime,
    etag: str,
    busy_times: int | None = None,
) -> bool:
    """It was read; ``busy_times`` is None when nothing had changed. False: followed no more."""
    values: dict[str, object] = {
        "read_at": at,
        "read_again_at": again_at,
        "etag": etag,
        "trouble": "",
        "trouble_since": None,
    }
    if busy_times is not None:
        values |= {"busy_times": busy_times, "whole_at": at}
    return bool(_same(calendar).update(**values))


def was_not_read(
    calendar: OutsideCalendar, *, at: datetime, again_at: datetime, trouble: str
) -> bool:
    """It could not be read: what was known of it stays."""
    return bool(
        _same(calendar).update(
            read_again_at=again_at,
            trouble=trouble,
            trouble_since=calendar.trouble_since or at,
        )
    )


def lock(calendar: OutsideCalendar) -> bool:
    """Hold it to the end of the transaction; false when it is followed no more."""
    return _same(calendar).select_for_update().first() is not None


def _live(person_id: int | None, psychologist_id: int | None) -> QuerySet[Feed]:
    """The live feeds of the one of the two who is given."""
    live = Feed.objects.filter(revoked_at__isnull=True)
    if psychologist_id is not None:
        return live.filter(psychologist_id=psychologist_id)
    return live.filter(person_id=person_id) if person_id is not None else live.none()


def _same(calendar: OutsideCalendar) -> QuerySet[OutsideCalendar]:
    """The row, unless another address took its place meanwhile."""
    return OutsideCalendar.objects.filter(pk=calendar.pk, created_at=calendar.created_at)
