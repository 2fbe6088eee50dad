"""Where money is: for a person each session in a line, for a psychologist by who pays.

Everything is read from the ledger and from what the bank said. A day to come is told only from
what was measured of the same payer.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from soutien.registers.claims import queries as claims
from soutien.registers.claims.queries import Followed
from soutien.registers.ledger import queries as ledger
from soutien.registers.ledger.queries import Holder, Part
from soutien.registers.payments import queries as payments
from soutien.registers.payments.queries import Arrived
from soutien.rules.delays import Delay, is_late, measured
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.marked import Lowered, lowered, side_of
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import looking, record

ZONE = "Europe/Paris"
A_YEAR = timedelta(days=366)
# Delays change with seasons and staff: only the last months tell of the next weeks.
MEASURED_OVER = timedelta(days=180)
MEASURED_MOST = 500
_NOTHING_YET = Arrived(0, None, came_back=False)


class Where(StrEnum):
    """Where one payer's part of a session is."""

    TO_PAY = "to_pay"
    ORDERED = "ordered"
    PAID = "paid"
    RETURNED = "returned"
    UNDUE = "undue"


class Stands(StrEnum):
    """Where a claim stands for whoever waits for its money."""

    RECEIVED = "received"
    REFUSED = "refused"
    CONTESTED = "contested"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Share:
    """One payer's part. ``payer`` is ``fund:019990069``; ``cents`` what is owed, or too much.

    ``lowered`` is the decision that made it owe less, of what was paid and is too much by now.
    ``paid_on`` is the day the bank says; ``usual_on`` and ``late_on`` are when half, and nine in
    ten, of such payments had arrived, None where too few were measured.
    """

    payer: str
    cents: int
    where: Where
    paid_on: date | None
    usual_on: date | None
    late_on: date | None
    late: bool
    lowered: Lowered | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A session and its money."""

    claim_id: uuid.UUID
    reference: str
    held_on: date
    received_on: date
    stands: Stands
    shares: tuple[Share, ...]
    person_id: int

    @property
    def late(self) -> bool:
        """Whether one of its parts should have arrived by now."""
        return any(share.late for share in self.shares)


@dataclass(frozen=True, slots=True)
class OwnMoney:
    """What a person reads. ``account_missing``: something is owed and no account is confirmed.

    ``accounts``: where what is owed back to each payer is sent, where that is known.
    """

    lines: tuple[Line, ...]
    account_missing: bool
    accounts: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Payer:
    """What one payer owes a psychologist, in cents, and how long it took lately."""

    payer: str
    name: str
    to_pay_cents: int
    ordered_cents: int
    paid_lately_cents: int
    late_cents: int
    undue_cents: int
    delay: Delay | None


@dataclass(frozen=True, slots=True)
class Income:
    """A psychologist's money: by payer, then every line that is late, oldest first."""

    payers: tuple[Payer, ...]
    late: tuple[Line, ...]
    refused: int
    account_missing: bool


LATELY = timedelta(days=30)


@looking("payments.money.followed")
def follow_money(*, actor: Actor, at: datetime) -> OwnMoney:
    """Each session of the last year, or still open, and where its money is, newest first."""
    person_id = actor.about_person_id or 0
    allow(actor, "follow_money", relations(actor, person_id=person_id))
    record(actor, "payments.money.followed", at=at, object_id=person_id, person_id=person_id)
    holder, today = ledger.person(person_id), gather.civil_day(at, ZONE)
    lines = _lines(holder, today, person_id=person_id)
    return OwnMoney(lines, _account_missing(holder, lines), _accounts(lines))


@looking("payments.income.opened")
def open_income(*, actor: Actor, at: datetime) -> Income:
    """What a psychologist is owed, by whom, and what of it is late."""
    own = actor.psychologist_id or 0
    allow(actor, "open_income", relations(actor, psychologist_id=own))
    holder, today = ledger.psychologist(own), gather.civil_day(at, ZONE)
    lines = _lines(holder, today, psychologist_id=own)
    late = tuple(sorted((line for line in lines if line.late), key=lambda line: line.held_on))
    whose = [line.person_id for line in late]
    record(actor, "payments.income.opened", at=at, object_id=own, people=whose)
    return Income(
        payers=_by_payer(lines, holder, today),
        late=late,
        refused=sum(line.stands is Stands.REFUSED for line in lines),
        account_missing=_account_missing(holder, lines),
    )


def _lines(holder: Holder, today: date, **whose: int) -> tuple[Line, ...]:
    """Everything of a year, and what is older and still open."""
    account_id = ledger.account_of(holder)
    still = ledger.still_open([account_id]) if account_id is not None else []
    older = [one.claim_id for one in still if one.claim_id is not None]
    found = claims.followed(since=today - A_YEAR, also=older, **whose)
    keys = [one.claim.pk for one in found]
    parts: dict[int, list[Part]] = {key: [] for key in keys}
    arrived: dict[tuple[int, str], Arrived] = {}
    if account_id is not None and keys:
        for part in ledger.parts_of(account_id, keys):
            parts[part.claim_id].append(part)
        arrived = payments.arrived(account_id, keys)
    of_payers = {part.payer for some in parts.values() for part in some}
    delays = _delays(of_payers, holder, today)
    less = _lowered(part for some in parts.values() for part in some)
    return tuple(_line(one, parts[one.claim.pk], arrived, delays, less, today) for one in found)


def _lowered(parts: Iterable[Part]) -> dict[tuple[int, str], Lowered]:
    """Why what was paid too much is too much, by claim and payer."""
    undue: dict[str, list[int]] = defaultdict(list)
    for part in parts:
        if part.owed_cents < part.ordered_cents:
            undue[part.payer].append(part.claim_id)
    return {
        (claim_id, payer): why
        for payer, claim_ids in undue.items()
        for claim_id, why in lowered(claim_ids, side_of(payer)).items()
    }


def _accounts(lines: Iterable[Line]) -> dict[str, tuple[str, str]]:
    """The name and account of every payer to whom something is owed back."""
    undue = {share.payer for line in lines for share in line.shares if share.where is Where.UNDUE}
    known = {payer: payments.payer_account(payer) for payer in undue}
    return {payer: (one.name, one.iban) for payer, one in known.items() if one is not None}


def _delays(payers: Iterable[str], holder: Holder, today: date) -> dict[str, Delay | None]:
    since = today - MEASURED_OVER
    return {
        payer: measured(payments.delays(payer, holder.kind, since=since, at_most=MEASURED_MOST))
        for payer in payers
    }


def _line(
    one: Followed,
    parts: list[Part],
    arrived: dict[tuple[int, str], Arrived],
    delays: dict[str, Delay | None],
    less: Mapping[tuple[int, str], Lowered],
    today: date,
) -> Line:
    received_on = one.claim.received_on
    shares = [
        _share(
            part,
            arrived.get((part.claim_id, part.payer), _NOTHING_YET),
            delays[part.payer],
            received_on,
            today,
        )
        for part in parts
    ]
    return Line(
        claim_id=one.claim.public_id,
        reference=one.claim.reference,
        held_on=one.claim.care_session.held_on,
        received_on=received_on,
        stands=_stands(one),
        shares=tuple(
            replace(share, lowered=less.get((one.claim.pk, share.payer)))
            for share in shares
            if share.cents
        ),
        person_id=one.claim.person_id,
    )


def _stands(one: Followed) -> Stands:
    if one.decision is None or one.decision.to_confirm:
        return Stands.RECEIVED
    if one.decision.accepted:
        return Stands.ACCEPTED
    return Stands.CONTESTED if one.contested else Stands.REFUSED


def _share(
    part: Part, arrived: Arrived, delay: Delay | None, received_on: date, today: date
) -> Share:
    """Too much paid outweighs what waits; what waits outweighs what is on its way."""
    to_pay = part.owed_cents - part.ordered_cents
    on_its_way = part.ordered_cents - arrived.cents
    if to_pay < 0:
        where, cents = Where.UNDUE, -to_pay
    elif to_pay:
        where, cents = (Where.RETURNED if arrived.came_back else Where.TO_PAY), to_pay
    elif on_its_way > 0:
        where, cents = Where.ORDERED, on_its_way
    else:
        where, cents = Where.PAID, arrived.cents
    waits = where in {Where.TO_PAY, Where.RETURNED, Where.ORDERED}
    return Share(
        payer=part.payer,
        cents=cents,
        where=where,
        paid_on=arrived.on if where is Where.PAID else None,
        usual_on=received_on + timedelta(days=delay.usual_days) if delay and waits else None,
        late_on=received_on + timedelta(days=delay.late_days) if delay and waits else None,
        late=waits and is_late(delay, (today - received_on).days),
    )


def _by_payer(lines: Iterable[Line], holder: Holder, today: date) -> tuple[Payer, ...]:
    shares = [share for line in lines for share in line.shares]
    names = sorted({share.payer for share in shares})
    delays = _delays(names, holder, today)
    return tuple(
        _payer([share for share in shares if share.payer == name], name, delays[name], today)
        for name in names
    )


def _payer(shares: list[Share], payer: str, delay: Delay | None, today: date) -> Payer:
    account = payments.payer_account(payer)
    lately = today - LATELY

    def cents(*where: Where) -> int:
        return sum(share.cents for share in shares if share.where in where)

    return Payer(
        payer=payer,
        name=account.name if account else "",
        to_pay_cents=cents(Where.TO_PAY, Where.RETURNED),
        ordered_cents=cents(Where.ORDERED),
        paid_lately_cents=sum(
            share.cents for share in shares if share.paid_on and share.paid_on >= lately
        ),
        late_cents=sum(share.cents for share in shares if share.late),
        undue_cents=cents(Where.UNDUE),
        delay=delay,
    )


def _account_missing(holder: Holder, lines: Iterable[Line]) -> bool:
    waiting = any(
        share.where in {Where.TO_PAY, Where.RETURNED} for line in lines for share in line.shares
    )
    if not waiting:
        return False
    keys = [int(holder.key)]
    of_person = holder.kind == "person"
    return not payments.details_in_force(
        person_ids=keys if of_person else [], psychologist_ids=[] if of_person else keys
    )
