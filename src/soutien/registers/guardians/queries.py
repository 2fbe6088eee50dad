"""Naming holders, making their links, keeping what they sign. Whoever asks leaves a trace."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from soutien.registers.guardians.models import Holder, Link, Paper, Signature, Wait, plain
from soutien.sealing import index_field

SEATS = (1, 2)
EMAIL_INDEX = index_field(Holder, "email_index")
PHONE_INDEX = index_field(Holder, "phone_index")


class NotTwo(Exception):
    """There is no seat left, or another holder of the child has this address or number."""


def live(child_ids: Collection[int]) -> QuerySet[Holder]:
    """The holders of these children who were not removed, in the order they were named."""
    found = Holder.objects.filter(child_id__in=child_ids, removed_at__isnull=True)
    return found.order_by("child_id", "seat")


def holder(public_id: uuid.UUID) -> Holder | None:
    """A holder who was not removed."""
    return Holder.objects.filter(public_id=public_id, removed_at__isnull=True).first()


def name(child_id: int, *, email: str, phone: str, **fields: Any) -> Holder:
    """One holder more, in the seat that is free. Raises NotTwo."""
    taken = set(live([child_id]).values_list("seat", flat=True))
    free = [seat for seat in SEATS if seat not in taken]
    if not free:
        raise NotTwo
    try:
        with transaction.atomic():
            return Holder.objects.create(
                child_id=child_id,
                seat=free[0],
                email=email,
                phone=phone,
                email_index=EMAIL_INDEX.index(email) if email else None,
                phone_index=PHONE_INDEX.index(phone) if phone else None,
                **fields,
            )
    except IntegrityError as error:
        raise NotTwo from error


def remove(holder: Holder, at: datetime) -> None:
    """They are asked nothing any more; their links open nothing. What they signed stays."""
    Link.objects.filter(holder=holder, revoked_at__isnull=True).update(revoked_at=at)
    Holder.objects.filter(pk=holder.pk, removed_at__isnull=True).update(removed_at=at)


def prove(holder: Holder, *, proof: str, account_id: int | None, at: datetime) -> None:
    """Somebody saw the paper."""
    holder.proof, holder.proof_seen_at, holder.proof_seen_by_account = proof, at, account_id
    holder.save(update_fields=["proof", "proof_seen_at", "proof_seen_by_account"])


def make_link(
    holder: Holder, psychologist_id: int, *, at: datetime, ends_at: datetime, **fields: Any
) -> Link:
    """A new link; the one of before opens nothing any more."""
    revoke(holder.pk, psychologist_id, at=at)
    return Link.objects.create(
        holder=holder, psychologist_id=psychologist_id, made_at=at, ends_at=ends_at, **fields
    )


def revoke(holder_id: int, psychologist_id: int, *, at: datetime) -> int:
    """End the link of a holder for a psychologist; how many there were."""
    found = Link.objects.filter(
        holder_id=holder_id, psychologist_id=psychologist_id, revoked_at__isnull=True
    )
    return found.update(revoked_at=at)


def link(public_id: uuid.UUID) -> Link | None:
    """A link with its holder, the child and the psychologist; None when it was revoked."""
    return (
        Link.objects.filter(public_id=public_id, revoked_at__isnull=True)
        .select_related("holder__child", "psychologist")
        .first()
    )


def link_by_id(key: int) -> Link | None:
    """The same, by key."""
    return (
        Link.objects.filter(pk=key, revoked_at__isnull=True)
        .select_related("holder__child", "psychologist")
        .first()
    )


def live_links(holder_ids: Collection[int], psychologist_id: int) -> dict[int, Link]:
    """The links of these holders for a psychologist, by holder."""
    found = Link.objects.filter(
        holder_id__in=holder_ids, psychologist_id=psychologist_id, revoked_at__isnull=True
    )
    return {row.holder_id: row for row in found}


def sign(
    holder: Holder,
    psychologist_id: int,
    *,
    matter: str,
    given: bool,
    text_version: int,
    name: str,
    how: str,
    signed_on: date,
    recorded_by: str,
    recorded_by_account: int | None,
    at: datetime,
    **fields: Any,
) -> Signature | None:
    """One line more; None when the last one says the same to the same text."""
    last = said([holder.child_id], psychologist_id).get((holder.pk, matter))
    if last is not None:
        before = last.signature
        if (before.given, before.text_version) == (given, text_version):
            return None
    return Signature.objects.create(
        child_id=holder.child_id,
        holder=holder,
        psychologist_id=psychologist_id,
        matter=matter,
        given=given,
        text_version=text_version,
        name=name,
        how=how,
        signed_on=signed_on,
        said_at=at,
        recorded_by=recorded_by,
        recorded_by_account=recorded_by_account,
        **fields,
    )


class Last(NamedTuple):
    """The last word of a holder on a matter, and whether an earlier one was a yes."""

    signature: Signature
    agreed_before: bool


def said(child_ids: Collection[int], psychologist_id: int) -> dict[tuple[int, str], Last]:
    """The last word of each holder of these children to a psychologist, on each matter."""
    found = Signature.objects.filter(
        child_id__in=child_ids, psychologist_id=psychologist_id
    ).order_by("id")
    last: dict[tuple[int, str], Last] = {}
    for row in found:
        key = (row.holder_id, row.matter)
        before = last.get(key)
        agreed = before is not None and (before.agreed_before or before.signature.given)
        last[key] = Last(row, agreed)
    return last


def signature(public_id: uuid.UUID) -> Signature | None:
    """One signature with its holder, the child and the psychologist."""
    return (
        Signature.objects.filter(public_id=public_id)
        .select_related("holder", "child", "psychologist")
        .first()
    )


def signature_by_id(key: int) -> Signature | None:
    """The same, by key."""
    found = Signature.objects.select_related("holder", "child", "psychologist")
    return found.filter(pk=key).first()


def wait_for_consent(booking_id: int, child_id: int, *, at: datetime, until: datetime) -> Wait:
    """The appointment waits; a wait that ended before begins anew."""
    values = {"child_id": child_id, "began_at": at, "kept_until": until}
    row, _made = Wait.objects.update_or_create(
        booking_id=booking_id, defaults=values | {"ended_at": None, "ended_for": ""}
    )
    return row


def waits(booking_ids: Collection[int]) -> dict[int, Wait]:
    """The waits of these appointments that did not end, by appointment."""
    found = Wait.objects.filter(booking_id__in=booking_ids, ended_at__isnull=True)
    return {row.booking_id: row for row in found}


def waits_of(child_id: int, psychologist_id: int) -> list[Wait]:
    """The waits of a child with a psychologist that did not end, locked."""
    return list(
        Wait.objects.select_for_update()
        .filter(child_id=child_id, booking__psychologist_id=psychologist_id, ended_at__isnull=True)
        .order_by("id")
    )


def waits_over(at: datetime, *, limit: int) -> list[Wait]:
    """Waits whose time is kept no longer, the oldest first."""
    found = Wait.objects.filter(ended_at__isnull=True, kept_until__lte=at)
    return list(found.order_by("kept_until", "id")[:limit])


def end_wait(wait: Wait, *, ended_for: str, at: datetime) -> bool:
    """End a wait; false when it had ended."""
    found = Wait.objects.filter(pk=wait.pk, ended_at__isnull=True)
    return bool(found.update(ended_at=at, ended_for=ended_for))


def keep_until(wait: Wait, until: datetime) -> None:
    """Keep the time of an appointment until then."""
    Wait.objects.filter(pk=wait.pk, ended_at__isnull=True).update(kept_until=until)


def papers_of(holder_ids: Collection[int]) -> dict[int, list[Paper]]:
    """What each of these holders sent, in order, without what is inside."""
    found: dict[int, list[Paper]] = {key: [] for key in holder_ids}
    for paper in Paper.objects.filter(holder__in=list(found)).defer("content").order_by("id"):
        found[paper.holder_id].append(paper)
    return found


def paper(public_id: uuid.UUID) -> Paper | None:
    """One paper that a holder sent, with the holder."""
    found = Paper.objects.filter(public_id=public_id, holder__removed_at__isnull=True)
    return found.select_related("holder").first()


def keep_paper(holder: Holder, *, content_type: str, content: bytes, at: datetime) -> Paper | None:
    """One paper more; None when the holder sent this very one."""
    text = base64.b64encode(content).decode()
    if any(row.content == text for row in Paper.objects.filter(holder=holder)):
        return None
    return Paper.objects.create(
        holder=holder,
        content_type=content_type,
        size_bytes=len(content),
        content=text,
        sent_at=at,
    )


def content_of(paper: Paper) -> bytes:
    """What is inside."""
    return base64.b64decode(paper.content)


def children_with_somebody() -> set[int]:
    """Every child for whom somebody is asked to agree."""
    return set(Holder.objects.filter(removed_at__isnull=True).values_list("child_id", flat=True))


def holder_by_id(key: int) -> Holder | None:
    """The holder of a letter, if they were not removed."""
    return Holder.objects.filter(pk=key, removed_at__isnull=True).select_related("child").first()


def reached_at(child_id: int) -> set[str]:
    """Every address and number that a holder of the child has or had, in one spelling."""
    found = Holder.objects.filter(child_id=child_id)
    return {plain(one) for row in found for one in (row.email, row.phone) if one}


def children_with_holders(child_ids: Collection[int]) -> set[int]:
    """Those of these children who have a holder."""
    return set(live(child_ids).values_list("child_id", flat=True))


def forget(child_id: int) -> None:
    """Nothing of it stays once the child is forgotten. Raises IntegrityError before."""
    Signature.objects.filter(child_id=child_id).delete()
    Link.objects.filter(holder__child_id=child_id).delete()
    Wait.objects.filter(child_id=child_id).delete()
    Paper.objects.filter(holder__child_id=child_id).delete()
    Holder.objects.filter(child_id=child_id).delete()
