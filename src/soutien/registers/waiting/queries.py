"""Questions to the waiting list and to the requests, and the one lock of the queue."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection
from django.db.models import Q, QuerySet

from soutien.registers.waiting.models import (
    ACTIVE,
    Offer,
    Request,
    Wait,
    written_email,
    written_phone,
)
from soutien.sealing import index_field, several_keys

EMAIL_INDEX, PHONE_INDEX = index_field(Wait, "email_index"), index_field(Wait, "phone_index")


def email_index(email: str) -> str:
    """The same for two ways to write one address; empty for none."""
    return EMAIL_INDEX.index(email) or ""


def phone_index(phone: str) -> str:
    """The same for two ways to write one number; empty for none."""
    return PHONE_INDEX.index(phone) or ""


def queue_up() -> None:
    """Wait for whoever else offers times or ends offers, to the end of the transaction.

    On SQLite the transaction itself is alone from its start.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('waiting_queue'), 0)")


def add_wait(**fields: Any) -> Wait:
    """A new place in the queue; the indexes of its addresses are made here."""
    return Wait.objects.create(
        **fields,
        email_index=email_index(fields.get("email", "")),
        phone_index=phone_index(fields.get("phone", "")),
    )


def wait_by_public_id(public_id: uuid.UUID) -> Wait | None:
    """The wait of an address, with its psychologist."""
    return Wait.objects.select_related("psychologist").filter(public_id=public_id).first()


def wait_by_id(wait_id: int) -> Wait | None:
    """The wait, with its psychologist; None once it was erased."""
    return Wait.objects.select_related("psychologist").filter(pk=wait_id).first()


def lock_wait(wait_id: int) -> Wait:
    """The wait, locked to the end of the transaction. Raises Wait.DoesNotExist."""
    return Wait.objects.select_for_update().get(pk=wait_id)


def waiting_for(psychologist_id: int, boxes: Collection[Mapping[str, float]] = ()) -> list[Wait]:
    """Who waits for a psychologist, or in one of these boxes of degrees, with no open offer.

    Whoever has an open offer under the same address, for another wait of theirs, is left out.
    """
    where = Q(psychologist_id=psychologist_id)
    for box in boxes:
        where |= Q(
            latitude__gte=box["south"],
            latitude__lte=box["north"],
            longitude__gte=box["west"],
            longitude__lte=box["east"],
        )
    return _without_offer(Wait.objects.filter(where, status="waiting"))


def not_looked_around(*, everybody: bool = False) -> list[Wait]:
    """Who waits without an open offer and for whom nobody has looked around yet, or all."""
    waits = Wait.objects.filter(status="waiting")
    return _without_offer(waits if everybody else waits.filter(looked_at__isnull=True))


def looked_around(wait_ids: Collection[int], *, at: datetime) -> None:
    """Somebody looked at the free times around for these."""
    Wait.objects.filter(pk__in=wait_ids).update(looked_at=at)


def passed_over(wait_ids: Collection[int]) -> dict[int, set[tuple[int, datetime]]]:
    """The times each wait was offered before: place and start."""
    found: dict[int, set[tuple[int, datetime]]] = {}
    rows = Offer.objects.filter(wait__in=wait_ids)
    for wait_id, place_id, starts_at in rows.values_list(
        "wait_id", "booking__place_id", "booking__starts_at"
    ):
        found.setdefault(wait_id, set()).add((place_id, starts_at))
    return found


def active_of_browser(browser: str) -> int:
    """How many places in the queue a browser has."""
    return Wait.objects.filter(browser=browser, status__in=ACTIVE).count() if browser else 0


def unanswered_since(moment: datetime) -> list[Wait]:
    """Who was asked before a moment whether they still wait, and said nothing; locked."""
    waits = Wait.objects.filter(status="asked", asked_at__lte=moment)
    return list(waits.select_for_update().order_by("pk"))


def make_offer(wait: Wait, **fields: Any) -> Offer:
    """An open offer. Raises IntegrityError when this person has one already."""
    if several_keys() and not _without_offer(Wait.objects.filter(pk=wait.pk)):
        raise IntegrityError("waiting_offer: this person has an open offer")
    return Offer.objects.create(
        wait=wait, email_index=wait.email_index, phone_index=wait.phone_index, **fields
    )


def offer_by_public_id(public_id: uuid.UUID) -> Offer | None:
    """The offer of an address, with its wait, its booking, the place and the psychologist."""
    return (
        Offer.objects.select_related("wait", "booking__place", "booking__psychologist")
        .filter(public_id=public_id)
        .first()
    )


def offer_by_id(offer_id: int) -> Offer | None:
    """The offer, with its wait, its booking and the place; None once it was erased."""
    return Offer.objects.select_related("wait", "booking__place").filter(pk=offer_id).first()


def lock_offer(offer_id: int) -> Offer:
    """The offer, locked to the end of the transaction. Raises Offer.DoesNotExist."""
    return Offer.objects.select_for_update().get(pk=offer_id)


def open_offer_of(wait_id: int) -> Offer | None:
    """The offer a wait has to answer."""
    return Offer.objects.filter(wait_id=wait_id, status="open").first()


def offers_to_settle(at: datetime) -> list[Offer]:
    """Open offers whose time to answer is over, or whose booking is no longer held.

    And those that were taken and never became an appointment.
    """
    over = Q(status="open") & (Q(answer_before__lte=at) | ~Q(booking__status="held"))
    lost = Q(status="taken", booking__status="expired")
    offers = Offer.objects.select_related("wait", "booking").filter(over | lost)
    return list(offers.order_by("answer_before", "pk"))


def add_request(**fields: Any) -> Request:
    """A new request."""
    return Request.objects.create(**fields)


def request_by_public_id(public_id: uuid.UUID) -> Request | None:
    """The request of an address, with its psychologist."""
    return Request.objects.select_related("psychologist").filter(public_id=public_id).first()


def request_by_id(request_id: int) -> Request | None:
    """The request, with its psychologist; None once it was erased."""
    return Request.objects.select_related("psychologist").filter(pk=request_id).first()


def lock_request(request_id: int) -> Request:
    """The request, locked to the end of the transaction. Raises Request.DoesNotExist."""
    return Request.objects.select_for_update().get(pk=request_id)


def requests_since(
    moment: datetime, *, browser: str | None = None, psychologist_id: int | None = None
) -> int:
    """How many requests a browser, or everybody to one psychologist, made since a moment."""
    rows = Request.objects.filter(created_at__gt=moment)
    if browser is not None:
        rows = rows.filter(browser=browser)
    if psychologist_id is not None:
        rows = rows.filter(psychologist_id=psychologist_id)
    return rows.count()


def open_requests_of(psychologist_id: int) -> list[Request]:
    """What a psychologist has to answer, oldest first."""
    rows = Request.objects.filter(psychologist_id=psychologist_id, status="open")
    return list(rows.order_by("created_at", "pk"))


def waits_of(psychologist_id: int) -> list[Wait]:
    """Who waits for this psychologist, oldest first."""
    rows = Wait.objects.filter(psychologist_id=psychologist_id, status__in=ACTIVE)
    return list(rows.order_by("joined_at", "pk"))


def requests_unanswered_since(moment: datetime) -> list[Request]:
    """Requests made before a moment that nobody answered; locked."""
    rows = Request.objects.filter(status="open", created_at__lte=moment)
    return list(rows.select_for_update().order_by("pk"))


def forget(*, ended_before: datetime) -> tuple[list[int], list[int]]:
    """Erase requests and waits that ended before a moment, with their offers; their ids."""
    requests = list(
        Request.objects.filter(ended_at__lte=ended_before).values_list("pk", flat=True)
    )
    waits = list(Wait.objects.filter(ended_at__lte=ended_before).values_list("pk", flat=True))
    Request.objects.filter(pk__in=requests).delete()
    Wait.objects.filter(pk__in=waits).delete()
    return requests, waits


def _without_offer(waits: QuerySet[Wait]) -> list[Wait]:
    open_offers = Offer.objects.filter(status="open")
    busy_emails = open_offers.exclude(email_index="").values("email_index")
    busy_phones = open_offers.exclude(phone_index="").values("phone_index")
    free = list(
        waits.exclude(pk__in=open_offers.values("wait_id"))
        .exclude(email_index__in=busy_emails)
        .exclude(phone_index__in=busy_phones)
        .order_by("joined_at", "pk")
    )
    if not several_keys():
        return free
    # While a key is replaced, one address has two indexes: the addresses themselves are compared.
    asked = list(Wait.objects.filter(pk__in=open_offers.values("wait_id")))
    emails = {written_email(wait.email) for wait in asked} - {""}
    phones = {written_phone(wait.phone) for wait in asked} - {""}
    return [
        wait
        for wait in free
        if written_email(wait.email) not in emails and written_phone(wait.phone) not in phones
    ]
