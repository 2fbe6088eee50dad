"""Posts to the ledger, and asks it. A posting is one INSERT, whatever its number of claims."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Case, F, Max, Min, Q, QuerySet, Sum, Value, When

from soutien.bulk import Among, Rows
from soutien.registers.ledger.models import Account, Entry
from soutien.rules.owed import Due, Payee, Payer, difference


class Holder(NamedTuple):
    """Who holds an account: a kind, and the number of a person or psychologist, or a payer."""

    kind: str
    key: int | str


class Move(NamedTuple):
    """Cents that the first owes to the second; negative, the other way round."""

    debit: Holder
    credit: Holder
    cents: int


class Transaction(NamedTuple):
    """Moves posted together for one row: a word of models.WHYS and the number of that row."""

    why: str
    cause: int
    moves: Sequence[Move]
    on: date
    at: datetime
    claim_id: int | None = None


class Parties(NamedTuple):
    """Whom a claim's money concerns; an insurer nobody named has an account of its own."""

    person_id: int
    psychologist_id: int
    fund_code: str
    insurer_code: str = ""


class Line(NamedTuple):
    """One line of a statement: positive when it is owed to the account."""

    posted_on: date
    why: str
    cause: int
    claim_id: int | None
    reference: str
    other_kind: str
    other_payer: str
    cents: int
    balance_cents: int


class Statement(NamedTuple):
    """An account over a period: what stood before it, each line, what stands at its end."""

    opening_cents: int
    lines: list[Line]
    closing_cents: int


class Owed(NamedTuple):
    """What one payer owes one payee for one claim, less what it ordered; negative: undue."""

    account_id: int
    kind: str
    key: int
    claim_id: int
    since: date
    cents: int


class Part(NamedTuple):
    """What one payer owes one account for one claim, and what of it was ordered and not sent back.

    ``payer`` is the key of its accounts: ``fund:019990069``. ``since`` is the first posting.
    """

    claim_id: int
    payer: str
    owed_cents: int
    ordered_cents: int
    since: date


class Open(NamedTuple):
    """What is still open for one claim on one account, and since when."""

    account_id: int
    claim_id: int | None
    since: date
    cents: int


def person(person_id: int) -> Holder:
    """The account of a person."""
    return Holder("person", person_id)


def psychologist(psychologist_id: int) -> Holder:
    """The account of a psychologist."""
    return Holder("psychologist", psychologist_id)


def holder_of(account: Account) -> Holder:
    """Who holds an account."""
    key = account.person_id or account.psychologist_id or account.payer
    return Holder(account.kind, key or "")


def payer(side: Payer, code: str) -> Holder:
    """The account of what a fund or an insurer bears."""
    return Holder(side.value, f"{side.value}:{code}")


def beside(kind: str, bearing: Holder) -> Holder:
    """Another account of the same payer: its ``transit``, ``bank`` or ``unexplained``."""
    return Holder(kind, bearing.key)


def moves(dues: Iterable[Due], parties: Parties) -> tuple[Move, ...]:
    """What is owed on a claim, from account to account."""
    codes = {Payer.FUND: parties.fund_code, Payer.INSURER: parties.insurer_code}
    payees = {
        Payee.PERSON: person(parties.person_id),
        Payee.PSYCHOLOGIST: psychologist(parties.psychologist_id),
    }
    return tuple(
        Move(payer(due.payer, codes[due.payer]), payees[due.payee], due.cents) for due in dues
    )


def corrections(before: Iterable[Move], after: Iterable[Move]) -> tuple[Move, ...]:
    """The moves that turn some moves into others; to nothing, their reversal."""
    changes = difference(_net(before), _net(after))
    return tuple(Move(debit, credit, cents) for (debit, credit), cents in changes.items())


def accounts_for(
    holders: Iterable[Holder], known: MutableMapping[Holder, int] | None = None
) -> Mapping[Holder, int]:
    """The account of each holder, opened where there is none.

    One query; none when all are ``known``, which is filled and may be kept from one batch to the
    next once the transaction it was filled in is committed.
    """
    found = {} if known is None else known
    missing = sorted({holder for holder in holders if holder not in found}, key=_order)
    if missing:
        found.update(_read(missing))
        absent = [holder for holder in missing if holder not in found]
        if absent:
            Account.objects.bulk_create([_row(holder) for holder in absent], ignore_conflicts=True)
            found.update(_read(absent))
    return found


def post(
    transactions: Iterable[Transaction], known: MutableMapping[Holder, int] | None = None
) -> int:
    """Post transactions by one INSERT; how many entries. Posted before, IntegrityError."""
    asked = list(transactions)
    touched = (side for one in asked for move in one.moves for side in move[:2])
    accounts = accounts_for(touched, known)
    rows = [
        _entry(one, number, move, accounts)
        for one in asked
        for number, move in enumerate((move for move in one.moves if move.cents), 1)
    ]
    _ENTRIES.write(rows)
    return len(rows)


def standing(claim_ids: Collection[int]) -> dict[int, tuple[Move, ...]]:
    """What payers bear for each claim, as posted so far: what a newer decision differs from."""
    payers = ("fund", "insurer")
    rows = (
        Entry.objects.filter(claim_id__in=claim_ids)
        .filter(Q(debit__kind__in=payers) | Q(credit__kind__in=payers))
        .select_related("debit", "credit")
    )
    found: dict[int, list[Move]] = {claim_id: [] for claim_id in claim_ids}
    for row in rows:
        bearing, held = holder_of(row.debit), holder_of(row.credit)
        if row.debit.kind in payers:
            move = Move(bearing, held, row.cents)
        else:
            move = Move(held, bearing, -row.cents)
        if row.claim_id is not None:
            found[row.claim_id].append(move)
    return {claim_id: corrections((), posted) for claim_id, posted in found.items()}


def posted_for(decision_id: int) -> tuple[Move, ...]:
    """What a decision on a claim made payers owe; negative where it is owed back."""
    whys = ("decided", "corrected", "reversed")
    rows = Entry.objects.filter(why__in=whys, cause=decision_id).order_by("line")
    found = []
    for row in rows.select_related("debit", "credit"):
        debit, credit = holder_of(row.debit), holder_of(row.credit)
        forwards = row.debit.kind in ("fund", "insurer")
        found.append(
            Move(debit, credit, row.cents) if forwards else Move(credit, debit, -row.cents)
        )
    return tuple(found)


def balance(account_id: int, *, before: date | None = None) -> int:
    """What is owed to the account less what it owes, all days or those before one."""
    return balances([account_id], before=before)[account_id]


def balances(account_ids: Collection[int], *, before: date | None = None) -> dict[int, int]:
    """The same of several; two queries, none is missing."""
    found = dict.fromkeys(account_ids, 0)
    entries = Entry.objects.filter(posted_on__lt=before) if before else Entry.objects.all()
    for column, sign in (("credit_id", 1), ("debit_id", -1)):
        sums = entries.filter(**{f"{column}__in": list(found)}).values_list(column)
        for account_id, cents in sums.annotate(total=Sum("cents")):
            found[account_id] += sign * cents
    return found


def statement(account_id: int, *, since: date, before: date) -> Statement:
    """An account from one day to the day before another, oldest first."""
    opening = running = balance(account_id, before=since)
    lines = []
    for row in (
        _of([account_id])
        .filter(posted_on__gte=since, posted_on__lt=before)
        .select_related("debit", "credit", "claim")
        .order_by("posted_on", "id")
    ):
        owed = row.credit_id == account_id
        other, cents = (row.debit, row.cents) if owed else (row.credit, -row.cents)
        running += cents
        reference = row.claim.reference if row.claim is not None else ""
        lines.append(
            Line(
                row.posted_on,
                row.why,
                row.cause,
                row.claim_id,
                reference,
                other.kind,
                other.payer or "",
                cents,
                running,
            )
        )
    return Statement(opening, lines, running)


def still_open(account_ids: Collection[int]) -> list[Open]:
    """What is not settled on these accounts, claim by claim, oldest first."""
    signed = Case(When(credit__in=list(account_ids), then=F("cents")), default=-F("cents"))
    whose = Case(When(credit__in=list(account_ids), then=F("credit")), default=F("debit"))
    rows = (
        _of(account_ids)
        .annotate(whose=whose)
        .values_list("whose", "claim_id")
        .annotate(since=Min("posted_on"), total=Sum(signed, default=Value(0)))
        .exclude(total=0)
        .order_by("since", "claim_id")
    )
    return [Open(*row) for row in rows]


def parts_of(account_id: int, claim_ids: Collection[int]) -> list[Part]:
    """What each payer owes an account for these claims, and ordered; in one query."""
    owed: dict[tuple[int, str], int] = defaultdict(int)
    ordered: dict[tuple[int, str], int] = defaultdict(int)
    since: dict[tuple[int, str], date] = {}
    rows = _of([account_id]).filter(claim__in=list(claim_ids)).select_related("debit", "credit")
    for row in rows.order_by("posted_on", "id"):
        other, sign = (row.debit, 1) if row.credit_id == account_id else (row.credit, -1)
        if row.claim_id is None or not other.payer:
            continue
        key = (row.claim_id, other.payer)
        since.setdefault(key, row.posted_on)
        if other.kind in ("fund", "insurer"):
            owed[key] += sign * row.cents
        else:
            ordered[key] -= sign * row.cents
    return [Part(*key, owed[key], ordered[key], first) for key, first in since.items()]


def ageing(
    account_ids: Collection[int], *, on: date, days: Sequence[int] = (30, 60, 90)
) -> dict[int, tuple[int, ...]]:
    """What is open on each account by age: below the first number of days, …, from the last."""
    found = {account_id: [0] * (len(days) + 1) for account_id in account_ids}
    for one in still_open(account_ids):
        age = (on - one.since).days
        found[one.account_id][sum(age >= limit for limit in days)] += one.cents
    return {account_id: tuple(sums) for account_id, sums in found.items()}


def owed_by(bearing: Holder, *, before: date) -> list[Owed]:
    """What a payer owes, claim by claim, oldest first; what it ordered later counts as well.

    Negative where more was paid than is owed by now: an undue sum.
    """
    own = Account.objects.filter(payer=bearing.key).values("pk")
    payees = ("person", "psychologist")
    credited = Entry.objects.filter(debit__in=own, credit__kind__in=payees, posted_on__lt=before)
    debited = Entry.objects.filter(credit__in=own, debit__kind__in=payees)
    sums: dict[tuple[int, int], int] = defaultdict(int)
    about: dict[tuple[int, int], tuple[str, int, date]] = {}
    for side, sign, rows in (("credit", 1, credited), ("debit", -1, debited)):
        columns = [f"{side}_id", "claim_id", *(f"{side}__{name}" for name in _HELD_BY)]
        found = rows.filter(claim__isnull=False).values_list(*columns)
        for account_id, claim_id, kind, person_id, psychologist_id, cents, since in found.annotate(
            total=Sum("cents"), since=Min("posted_on")
        ):
            key = (account_id, claim_id)
            sums[key] += sign * cents
            about.setdefault(key, (kind, person_id or psychologist_id, since))
    listed = [
        Owed(account_id, kind, holder, claim_id, since, sums[account_id, claim_id])
        for (account_id, claim_id), (kind, holder, since) in about.items()
        if sums[account_id, claim_id]
    ]
    return sorted(listed, key=lambda one: (one.since, one.claim_id, one.account_id))


def lowered_on(bearing: Holder, claim_ids: Collection[int]) -> dict[tuple[int, int], date]:
    """The last day on which a payer owed less for a claim to an account, by both."""
    rows = Entry.objects.filter(
        credit__kind=bearing.kind, credit__payer=bearing.key, claim__in=list(claim_ids)
    )
    found = rows.values_list("claim_id", "debit_id").annotate(last=Max("posted_on"))
    return {(claim_id, account_id): last for claim_id, account_id, last in found}


def account_of(holder: Holder) -> int | None:
    """The account of a holder; None while nothing was ever posted to it."""
    return _read([holder]).get(holder)


_HELD_BY = ("kind", "person_id", "psychologist_id")


def _net(found: Iterable[Move]) -> dict[tuple[Holder, Holder], int]:
    sums: dict[tuple[Holder, Holder], int] = defaultdict(int)
    for move in found:
        sums[move.debit, move.credit] += move.cents
    return sums


def _order(holder: Holder) -> tuple[str, str]:
    # Opened in one order by everybody: two batches never wait for each other.
    return holder.kind, str(holder.key)


def _read(holders: Collection[Holder]) -> dict[Holder, int]:
    """The accounts there are, in one query."""
    keys: dict[str, list[int | str]] = defaultdict(list)
    for holder in holders:
        keys[holder.kind].append(holder.key)
    wanted = Q()
    for kind, named in keys.items():
        column = {"person": "person_id", "psychologist": "psychologist_id"}.get(kind, "payer")
        wanted |= Q(kind=kind) & Q(Among(column, named))
    rows = Account.objects.filter(wanted)
    columns = ("kind", "person_id", "psychologist_id", "payer", "pk")
    return {
        Holder(kind, person_id or psychologist_id or payer or ""): key
        for kind, person_id, psychologist_id, payer, key in rows.values_list(*columns)
    }


def _row(holder: Holder) -> Account:
    if holder.kind == "person":
        return Account(kind=holder.kind, person_id=int(holder.key))
    if holder.kind == "psychologist":
        return Account(kind=holder.kind, psychologist_id=int(holder.key))
    return Account(kind=holder.kind, payer=str(holder.key))


class _NewEntry(NamedTuple):
    why: str
    cause: int
    line: int
    debit_id: int
    credit_id: int
    cents: int
    claim_id: int | None
    posted_on: date
    posted_at: datetime


_ENTRIES: Rows[_NewEntry] = Rows(Entry, _NewEntry)


def _entry(one: Transaction, number: int, move: Move, accounts: Mapping[Holder, int]) -> _NewEntry:
    debit, credit = accounts[move.debit], accounts[move.credit]
    if move.cents < 0:
        debit, credit = credit, debit
    cents = abs(move.cents)
    return _NewEntry(
        one.why, one.cause, number, debit, credit, cents, one.claim_id, one.on, one.at
    )


def _of(account_ids: Collection[int]) -> QuerySet[Entry]:
    wanted = list(account_ids)
    return Entry.objects.filter(Q(credit__in=wanted) | Q(debit__in=wanted))
