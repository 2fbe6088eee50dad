"""Leaving a doctor's letters, fetching them, writing, signing; lists never read what is said."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from soutien.registers.writings.models import (
    BY_DOCTORS,
    REFERRAL,
    Answer,
    Deposit,
    HandOver,
    Showing,
    Signature,
    Version,
    Writing,
)
from soutien.sealing import ForRow


class Signed(Exception):
    """Nothing is written after a signature."""


def leave(
    place: str,
    *,
    content: str,
    kept_code: str,
    author_id: int | None,
    written_on: date,
    at: datetime,
    ends_at: datetime,
) -> Deposit:
    """A doctor's letters, where their code leads; left twice, they are there once."""
    deposit = Deposit(
        place=place,
        content=content,
        kept_code=kept_code,
        author_id=author_id,
        written_on=written_on,
        left_at=at,
        ends_at=ends_at,
    )
    Deposit.objects.bulk_create([deposit], ignore_conflicts=True)
    return Deposit.objects.get(place=place)


def lock_deposit(place: str, at: datetime) -> Deposit | None:
    """The letters of a code that nobody fetched and whose time is not over, until the end."""
    return (
        Deposit.objects.select_for_update()
        .filter(place=place, received_at__isnull=True, ends_at__gt=at)
        .first()
    )


def received(deposit: Deposit, at: datetime) -> None:
    """Somebody fetched them: what the code sealed is gone, and so is the code."""
    nothing = ForRow("", (deposit.public_id,))
    Deposit.objects.filter(pk=deposit.pk).update(
        content=nothing, kept_code=nothing, received_at=at
    )


def deposits_of(author_id: int) -> QuerySet[Deposit]:
    """The letters a doctor's account left, newest first."""
    return Deposit.objects.filter(author_id=author_id).order_by("-id")


def deposit_by_public_id(public_id: uuid.UUID) -> Deposit | None:
    """The letters of an address."""
    return Deposit.objects.filter(public_id=public_id).first()


def begin(
    kind: str,
    *,
    person_id: int,
    psychologist_id: int,
    body: Mapping[str, Any],
    written_on: date,
    at: datetime,
    author_id: int | None = None,
    valid_before: date | None = None,
) -> Writing:
    """A document with its first version."""
    writing = Writing.objects.create(
        kind=kind,
        person_id=person_id,
        psychologist_id=psychologist_id,
        author_id=author_id,
        written_on=written_on,
        valid_before=valid_before,
        began_at=at,
    )
    Version.objects.create(writing=writing, number=1, body=dict(body), written_at=at)
    return writing


def by_public_id(public_id: uuid.UUID) -> Writing | None:
    """The document of an address, with whom it is about and who wrote or received it."""
    return (
        Writing.objects.select_related("person", "psychologist", "signature")
        .filter(public_id=public_id)
        .first()
    )


def by_id(writing_id: int) -> Writing | None:
    """The document of a key, with its person."""
    return Writing.objects.select_related("person").filter(pk=writing_id).first()


def lock(writing: Writing) -> Writing:
    """The document until the end of the transaction: one at a time writes or signs it."""
    return Writing.objects.select_for_update().get(pk=writing.pk)


def latest(writing: Writing) -> Version:
    """What it says now. Raises Version.DoesNotExist for none."""
    return Version.objects.filter(writing=writing).latest("number")


def write_again(writing: Writing, body: Mapping[str, Any], at: datetime) -> Version:
    """Another version of a document locked before. Raises Signed."""
    if Signature.objects.filter(writing=writing).exists():
        raise Signed
    number = latest(writing).number + 1
    return Version.objects.create(writing=writing, number=number, body=dict(body), written_at=at)


def sign(writing: Writing, at: datetime) -> Signature:
    """Its psychologist stands by the latest version; signed already, it is as it was."""
    signature = Signature.objects.filter(writing=writing).first()
    if signature is None:
        number = latest(writing).number
        signature = Signature.objects.create(writing=writing, number=number, signed_at=at)
    return signature


def is_signed(writing: Writing) -> bool:
    """Whether its psychologist stands by it."""
    return Signature.objects.filter(writing=writing).exists()


def hand_over(writing: Writing, *, to: str, basis: str, at: datetime) -> HandOver:
    """It went to somebody. The database takes none of a draft."""
    return HandOver.objects.create(writing=writing, to=to, basis=basis, handed_over_at=at)


def hand_over_by_id(hand_over_id: int) -> HandOver | None:
    """One passage with its document, and who wrote it."""
    found = HandOver.objects.select_related("writing__psychologist")
    return found.filter(pk=hand_over_id).first()


def hand_overs_of(writing: Writing) -> QuerySet[HandOver]:
    """Where it went, in order."""
    return HandOver.objects.filter(writing=writing).order_by("id")


def last_hand_over(writing: Writing) -> HandOver | None:
    """Where it went last."""
    return HandOver.objects.filter(writing=writing).order_by("-id").first()


def answer(hand_over: HandOver, *, seen: str, at: datetime) -> Answer:
    """What became of it."""
    return Answer.objects.create(hand_over=hand_over, seen=seen, answered_at=at)


def last_answer(hand_over: HandOver) -> str:
    """The last word on whether the person was seen; empty when nobody said."""
    found = Answer.objects.filter(hand_over=hand_over).order_by("-id").first()
    return found.seen if found else ""


def show(writing: Writing, guardian_id: int, at: datetime) -> bool:
    """Show it to one who acts for the child; false when it is shown."""
    return Showing.objects.get_or_create(
        writing=writing, guardian_id=guardian_id, closed_at=None, defaults={"shown_at": at}
    )[1]


def hide(writing: Writing, guardian_id: int, at: datetime) -> bool:
    """Close it to them again; false when it was closed."""
    found = Showing.objects.filter(writing=writing, guardian_id=guardian_id, closed_at=None)
    return bool(found.update(closed_at=at))


def shown_to(writing: Writing) -> set[int]:
    """To whom it is shown now."""
    found = Showing.objects.filter(writing=writing, closed_at=None)
    return set(found.values_list("guardian_id", flat=True))


def shown_of(person_id: int, guardian_id: int) -> set[int]:
    """The keys of what is shown of a child to one who acts for them."""
    found = Showing.objects.filter(
        writing__person_id=person_id, guardian_id=guardian_id, closed_at=None
    )
    return set(found.values_list("writing_id", flat=True))


def of_pair(psychologist_id: int, person_id: int) -> QuerySet[Writing]:
    """What a psychologist wrote or received about somebody, newest first, without the words."""
    return (
        Writing.objects.select_related("signature")
        .filter(psychologist_id=psychologist_id, person_id=person_id)
        .order_by("-id")
    )


def finished_of(person_id: int) -> QuerySet[Writing]:
    """What is finished about somebody, newest first: doctors' letters, and what was signed."""
    found = Writing.objects.select_related("signature", "psychologist").filter(person_id=person_id)
    done = found.filter(kind__in=BY_DOCTORS) | found.filter(signature__isnull=False)
    return done.order_by("-id")


def end_reports_of(person_id: int) -> list[Writing]:
    """Somebody's reports at the end of care, newest first, without the words."""
    found = Writing.objects.select_related("signature").filter(
        person_id=person_id, kind="end_report"
    )
    return list(found.order_by("-id"))


def doctor_of_pair(psychologist_id: int, person_id: int) -> str:
    """Who wrote the last doctor's letter that a psychologist received for somebody, by name."""
    letter = of_pair(psychologist_id, person_id).filter(kind=REFERRAL).first()
    return str(latest(letter).body.get("doctor", "")) if letter else ""


def referrals_of(person_id: int) -> list[uuid.UUID]:
    """The addresses of somebody's letters for the fund, newest first."""
    found = Writing.objects.filter(person_id=person_id, kind=REFERRAL).order_by("-id")
    return list(found.values_list("public_id", flat=True))


def referral_of_day(person_id: int, written_on: date) -> dict[str, Any] | None:
    """What somebody's letter for the fund of a day says; None when none was received."""
    found = Writing.objects.filter(person_id=person_id, kind=REFERRAL, written_on=written_on)
    letter = found.order_by("-id").first()
    return dict(latest(letter).body) if letter else None


def forget(person_id: int) -> int:
    """Remove all that is written about somebody who is forgotten.

    Raises IntegrityError before the person's row says so.
    """
    mine = {"writing__person_id": person_id}
    gone = Answer.objects.filter(hand_over__writing__person_id=person_id).delete()[0]
    gone += HandOver.objects.filter(**mine).delete()[0]
    gone += Showing.objects.filter(**mine).delete()[0]
    gone += Signature.objects.filter(**mine).delete()[0]
    gone += Version.objects.filter(**mine).delete()[0]
    return gone + Writing.objects.filter(person_id=person_id).delete()[0]
