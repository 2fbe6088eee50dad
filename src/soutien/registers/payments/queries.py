"""Questions to bank details, orders, payments and lines of the bank."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from hashlib import sha256
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum

from soutien.registers.payments.models import (
    CLOSED,
    HELD,
    IN_FORCE,
    PAID,
    RECONCILED,
    RECOVERED,
    REJECTED,
    RELEASED,
    REPLACED,
    RETURNED,
    UNEXPLAINED,
    WITHDRAWN,
    BankDetail,
    BankLine,
    Order,
    OrderAct,
    PayerAccount,
    Payment,
)


class Gap(NamedTuple):
    """Where the bank and the orders differ: what, by how much, since when."""

    kind: str
    payment_id: int | None
    number: str
    claim_id: int | None
    expected_cents: int
    found_cents: int
    on: date
    reason: str


class Arrived(NamedTuple):
    """Cents that reached somebody and stayed, the last day, and whether a transfer came back."""

    cents: int
    on: date | None
    came_back: bool


class OrderRow(NamedTuple):
    """An order with what was done to it, and how many of its transfers are settled."""

    order: Order
    acts: dict[str, datetime]
    settled: int


def details_of(
    *, person_id: int | None = None, psychologist_id: int | None = None
) -> QuerySet[BankDetail]:
    """Somebody's bank details, newest first."""
    whose = {"person_id": person_id} if person_id else {"psychologist_id": psychologist_id}
    return BankDetail.objects.filter(**whose).order_by("-given_at", "-id")


def held_details(fund_code: str) -> QuerySet[BankDetail]:
    """What the agents of a fund have to confirm, oldest first."""
    found = BankDetail.objects.filter(fund_code=fund_code, state=HELD)
    return found.select_related("person", "psychologist").order_by("given_at", "id")


def detail_by_public_id(public_id: uuid.UUID) -> BankDetail | None:
    """The bank details of an address."""
    found = BankDetail.objects.select_related("person", "psychologist")
    return found.filter(public_id=public_id).first()


def lock_detail(pk: int) -> BankDetail:
    """The same, until the transaction ends."""
    return BankDetail.objects.select_for_update().get(pk=pk)


def hold_detail(detail: BankDetail) -> BankDetail:
    """Keep new details until somebody confirms them; those that were held are replaced.

    Held already in the same words, by a request that came at the same time, those are answered.
    """
    whose = details_of(person_id=detail.person_id, psychologist_id=detail.psychologist_id)
    while True:
        for kept in whose.filter(state=HELD).select_for_update():
            if (kept.iban, kept.holder_name) == (detail.iban, detail.holder_name):
                return kept
            kept.state, kept.ended_at = REPLACED, detail.given_at
            kept.save()
        try:
            with transaction.atomic():
                detail.save()
        except IntegrityError:
            # Somebody else's came in between, and is there to be read by now.
            if not whose.filter(state=HELD).exists():
                raise
            continue
        return detail


def answer_detail(detail: BankDetail, state: str, *, at: datetime, by: int | None) -> None:
    """Say of held details that they are in force, which ends the former ones, or refused."""
    if state == IN_FORCE:
        details_of(person_id=detail.person_id, psychologist_id=detail.psychologist_id).filter(
            state=IN_FORCE
        ).update(state=REPLACED, ended_at=at)
    detail.state, detail.answered_at, detail.answered_by = state, at, by
    detail.ended_at = None if state == IN_FORCE else at
    detail.save()


def close_details(detail_ids: Collection[int], *, at: datetime) -> int:
    """The bank says that these accounts are none: nothing is sent there any more."""
    found = BankDetail.objects.filter(pk__in=detail_ids, state=IN_FORCE)
    return found.update(state=CLOSED, ended_at=at)


def details_in_force(
    *, person_ids: Collection[int], psychologist_ids: Collection[int]
) -> dict[tuple[str, int], int]:
    """Where each may be paid, by ``("person", 12)``; who has no confirmed account is missing."""
    rows = BankDetail.objects.filter(
        Q(person__in=person_ids) | Q(psychologist__in=psychologist_ids), state=IN_FORCE
    ).values_list("id", "person_id", "psychologist_id")
    return {
        ("person", person_id) if person_id else ("psychologist", psychologist_id): pk
        for pk, person_id, psychologist_id in rows
    }


def payer_account(payer: str) -> PayerAccount | None:
    """The account a payer pays from."""
    return PayerAccount.objects.filter(payer=payer).first()


def lock_payer(payer: str) -> PayerAccount | None:
    """The same, until the transaction ends: its orders and its bank's lines come one by one."""
    return PayerAccount.objects.select_for_update().filter(payer=payer).first()


def keep_payer(payer: str, *, name: str, iban: str) -> PayerAccount:
    """Write down, or change, the account a payer pays from."""
    kept = lock_payer(payer) or PayerAccount(payer=payer)
    kept.name, kept.iban = name, iban
    kept.save()
    return kept


def attempts(payer: str, claim_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """How many transfers were prepared so far, by claim and account."""
    rows = Payment.objects.filter(payer=payer, claim__in=claim_ids)
    found = rows.values_list("claim_id", "account_id").annotate(last=Max("attempt"))
    return {(claim_id, account_id): last for claim_id, account_id, last in found}


def add_order(order: Order, payments: Iterable[Payment]) -> list[Payment]:
    """An order and its transfers, numbered."""
    order.save()
    return list(Payment.objects.bulk_create(payments))


def order_by_public_id(public_id: uuid.UUID) -> Order | None:
    """The order of an address."""
    return Order.objects.filter(public_id=public_id).first()


def order_by_number(number: str) -> Order | None:
    """The order that the bank knows under a number."""
    return Order.objects.filter(number=number).first()


def add_act(order_id: int, act: str, *, at: datetime, account_id: int | None) -> OrderAct:
    """Say what was done to an order. Raises IntegrityError when it was, or by the same person."""
    return OrderAct.objects.create(order_id=order_id, act=act, done_at=at, account=account_id)


def acts_of(order_id: int) -> dict[str, datetime]:
    """What was done to an order, and when."""
    return dict(OrderAct.objects.filter(order=order_id).values_list("act", "done_at"))


def transfers_of(order_id: int) -> list[Payment]:
    """The transfers of an order with whom they are for, in order."""
    return list(
        Payment.objects.filter(order=order_id)
        .select_related("claim", "account", "bank_detail")
        .order_by("id")
    )


def orders_of(payer: str, *, size: int = 50) -> list[OrderRow]:
    """A payer's orders, newest first."""
    found = (
        Order.objects.filter(payer=payer)
        .annotate(settled=Count("transfers", filter=_settled("transfers"), distinct=True))
        .prefetch_related("acts")
        .order_by("-prepared_at", "-id")[:size]
    )
    return [
        OrderRow(order, {act.act: act.done_at for act in order.acts.all()}, order.settled)
        for order in found
    ]


def known_fingerprints(payer: str, fingerprints: Collection[str]) -> set[str]:
    """Which of these lines of a payer's bank were read before."""
    found = BankLine.objects.filter(payer=payer, fingerprint__in=list(fingerprints))
    return set(found.values_list("fingerprint", flat=True))


def transfers_by_number(payer: str, numbers: Collection[str]) -> dict[str, Payment]:
    """The transfers that the bank names, of this payer, by number."""
    rows = Payment.objects.filter(payer=payer, number__in=list(numbers)).select_related("account")
    return {row.number: row for row in rows}


def add_lines(lines: Iterable[BankLine]) -> list[BankLine]:
    """What the bank said, numbered."""
    return list(BankLine.objects.bulk_create(lines))


def came_in(payer: str) -> list[BankLine]:
    """Money that came to a payer's bank and that nothing explains yet, oldest first."""
    return [line for line in _unexplained(payer) if line.incoming]


def line_that_came(payer: str, line_id: int) -> BankLine | None:
    """One line of money that came to a payer's bank and named no transfer."""
    found = BankLine.objects.filter(payer=payer, kind=UNEXPLAINED, incoming=True)
    return found.filter(pk=line_id).first()


def recovery_of(came: BankLine) -> BankLine | None:
    """What was said of money that came: that it gives an undue sum back."""
    found = BankLine.objects.filter(payer=came.payer, kind=RECOVERED)
    return found.filter(fingerprint=_explains(came.fingerprint)).first()


def add_recovery(came: BankLine, *, at: datetime) -> BankLine:
    """Say of money that came that it gives an undue sum back: once."""
    return BankLine.objects.create(
        fingerprint=_explains(came.fingerprint),
        payer=came.payer,
        kind=RECOVERED,
        incoming=True,
        cents=came.cents,
        booked_on=came.booked_on,
        read_at=at,
    )


def settled_orders(payer: str) -> list[int]:
    """Released orders of which every transfer was paid to the cent, or came back."""
    open_ones = Payment.objects.filter(order=OuterRef("pk")).exclude(_ends())
    done = OrderAct.objects.filter(order=OuterRef("pk"))
    found = Order.objects.filter(Exists(done.filter(act=RELEASED)), payer=payer)
    found = found.exclude(Exists(done.filter(act=RECONCILED)))
    return list(found.filter(~Exists(open_ones)).values_list("pk", flat=True))


def paid_of(order_ids: Collection[int]) -> list[Payment]:
    """The transfers of these orders that the bank paid to the cent, and that did not come back."""
    said = BankLine.objects.filter(payment=OuterRef("pk"))
    back = said.filter(kind__in=[RETURNED, REJECTED])
    exact = said.filter(kind=PAID, cents=OuterRef("cents"))
    found = Payment.objects.filter(Exists(exact), ~Exists(back), order__in=order_ids)
    return list(found.order_by("pk"))


def gaps(payer: str, *, missing_before: date) -> list[Gap]:
    """Every place where the bank and the orders differ, oldest first.

    ``missing``: released, to be executed before a day, and the bank never spoke of it. What came
    back is no gap any more once it was ordered again.
    """
    later = Payment.objects.filter(
        claim=OuterRef("claim"),
        account=OuterRef("account"),
        payer=OuterRef("payer"),
        attempt__gt=OuterRef("attempt"),
    )
    released = OrderAct.objects.filter(order=OuterRef("order"), act=RELEASED)
    rows = (
        Payment.objects.filter(Exists(released), payer=payer)
        .annotate(
            paid=Count("lines", filter=Q(lines__kind=PAID)),
            paid_cents=Sum("lines__cents", filter=Q(lines__kind=PAID), default=0),
            back_cents=Sum(
                "lines__cents", filter=Q(lines__kind__in=[RETURNED, REJECTED]), default=0
            ),
            came_back=Count("lines", filter=Q(lines__kind__in=[RETURNED, REJECTED])),
            ordered_again=Exists(later),
        )
        .filter(
            Q(paid=0, came_back=0, order__execution_on__lt=missing_before)
            | Q(paid=1) & ~Q(paid_cents=F("cents"))
            | Q(paid__gt=1)
            | Q(came_back__gt=0, ordered_again=False)
        )
        .select_related("order")
        .order_by("order__execution_on", "id")
    )
    reasons = _reasons([row.pk for row in rows])
    found = [_gap(row, reasons[row.pk]) for row in rows]
    return found + [
        Gap("unexplained", None, "", None, 0, line.cents, line.booked_on, line.reason)
        for line in _unexplained(payer)
    ]


def states_of_claims(claim_ids: Collection[int]) -> dict[tuple[int, int], str]:
    """Where the last transfer of each claim and account stands; what was never ordered is missing.

    ``ordered`` (prepared), ``sent`` (released), ``paid``, ``returned`` (owed again).
    """
    found: dict[tuple[int, int], str] = {}
    rows = (
        Payment.objects.filter(claim__in=claim_ids)
        .annotate(
            released=Exists(OrderAct.objects.filter(order=OuterRef("order"), act=RELEASED)),
            withdrawn=Exists(OrderAct.objects.filter(order=OuterRef("order"), act=WITHDRAWN)),
            paid=Count("lines", filter=Q(lines__kind=PAID)),
            back=Count("lines", filter=Q(lines__kind__in=[RETURNED, REJECTED])),
        )
        .order_by("attempt")
    )
    for row in rows:
        key = (row.claim_id, row.account_id)
        if row.withdrawn:
            found.pop(key, None)
            continue
        found[key] = (
            "returned"
            if row.back
            else "paid"
            if row.paid
            else "sent"
            if row.released
            else "ordered"
        )
    return found


def arrived(account_id: int, claim_ids: Collection[int]) -> dict[tuple[int, str], Arrived]:
    """What the bank says reached an account and stayed there, by claim and payer."""
    found: dict[tuple[int, str], Arrived] = {}
    rows = BankLine.objects.filter(
        payment__account=account_id, payment__claim__in=list(claim_ids), kind__in=[PAID, RETURNED]
    ).values_list("payment__claim_id", "payer", "kind", "cents", "booked_on")
    for claim_id, payer, kind, cents, on in rows.order_by("id"):
        before = found.get((claim_id, payer), Arrived(0, None, came_back=False))
        found[claim_id, payer] = (
            Arrived(before.cents + cents, on, before.came_back)
            if kind == PAID
            else Arrived(before.cents - cents, before.on, came_back=True)
        )
    return found


def delays(payer: str, payee_kind: str, *, since: date, at_most: int) -> list[int]:
    """Days from a claim's arrival to the money: a payer's newest payments to a kind of payee."""
    rows = (
        BankLine.objects.filter(
            payer=payer, kind=PAID, payment__account__kind=payee_kind, booked_on__gte=since
        )
        .order_by("-booked_on", "-id")
        .values_list("booked_on", "payment__claim__received_on")[:at_most]
    )
    return [max((booked_on - received_on).days, 0) for booked_on, received_on in rows]


def forget(*, person_id: int) -> int:
    """Empty where somebody was paid; how many rows. The amounts and their days stay."""
    found = list(BankDetail.objects.filter(person=person_id))
    for detail in found:
        detail.iban = detail.holder_name = ""
        if detail.state in {HELD, IN_FORCE}:
            detail.state = REPLACED
        detail.save()
    return len(found)


def _unexplained(payer: str) -> list[BankLine]:
    """What no transfer explains, and nobody since."""
    said = BankLine.objects.filter(payer=payer, kind=RECOVERED)
    explained = set(said.values_list("fingerprint", flat=True))
    rows = BankLine.objects.filter(payer=payer, kind=UNEXPLAINED).order_by("id")
    return [line for line in rows if _explains(line.fingerprint) not in explained]


def _explains(fingerprint: str) -> str:
    """What is known of a line once it is explained, so that it is explained once."""
    return sha256(f"explains {fingerprint}".encode()).hexdigest()


def _settled(prefix: str) -> Q:
    return Q(
        **{f"{prefix}__lines__kind__in": [PAID, RETURNED, REJECTED]},
    )


def _ends() -> Q:
    """Transfers about which nothing is open: paid to the cent, or sent back."""
    said = BankLine.objects.filter(payment=OuterRef("pk"))
    exact = said.filter(kind=PAID, cents=OuterRef("cents"))
    return Q(Exists(exact)) | Q(Exists(said.filter(kind__in=[RETURNED, REJECTED])))


def _reasons(payment_ids: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = defaultdict(str)
    rows = BankLine.objects.filter(payment__in=payment_ids).exclude(reason="")
    found.update(rows.values_list("payment_id", "reason"))
    return found


def _gap(row: Payment, reason: str) -> Gap:
    """What is wrong with one transfer; ``row`` holds the counts of ``gaps``."""
    counts = vars(row)
    if counts["came_back"]:
        kind, cents = ("returned" if counts["paid"] else "rejected"), counts["back_cents"]
    elif counts["paid"] > 1:
        kind, cents = "paid_twice", counts["paid_cents"]
    elif counts["paid"]:
        kind, cents = "wrong_amount", counts["paid_cents"]
    else:
        kind, cents = "missing", 0
    return Gap(
        kind,
        row.pk,
        row.number,
        row.claim_id,
        row.cents,
        cents,
        row.order.execution_on,
        reason,
    )
