"""Questions to sheets, claims and decisions. Append-only: what is sealed is emptied
once its person is forgotten, and nothing else is ever changed here.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum

from soutien.bulk import Among
from soutien.registers.claims.models import (
    CareSheet,
    Claim,
    Contest,
    Decision,
    Event,
    Review,
    SheetLine,
)

# Nobody turns so many pages, and a number this long says all that one needs to know of it.
COUNTED_MOST = 10_000
# Stands for the address of a claim that has none yet.
NOBODY = uuid.UUID(int=0)
# SQLite takes some ten thousands of values in one question.
_ASKED_AT_ONCE = 5_000


class DecisionRow(NamedTuple):
    """The last decision on one session's claim."""

    care_session_id: int
    claim_id: int
    claim_public_id: uuid.UUID
    decision_id: int
    accepted: bool
    reasons: int
    coverage: int
    notices: int
    price_cents: int
    amo_cents: int
    amc_cents: int
    patient_cents: int
    patient_upfront_cents: int
    received_on: date
    decided_at: datetime


class ClaimRow(NamedTuple):
    """A claim as the fund's list shows it; the decision's columns are None before it is taken."""

    id: int
    public_id: uuid.UUID
    reference: str
    fund_code: str
    received_on: date
    received_at: datetime
    person_id: int
    psychologist_id: int
    held_on: date
    kind: str
    accepted: bool | None
    reasons: int | None
    to_confirm: bool | None
    amo_cents: int | None


class NumberedLine(NamedTuple):
    """A sheet found by its number: its claim's reference and last word, if it became one."""

    line: SheetLine
    reference: str
    accepted: bool | None
    corrected: bool

    @property
    def claimed(self) -> bool:
        return bool(self.reference)


class Tally(NamedTuple):
    """How many claims stand where, and what the fund pays of those accepted, in cents.

    ``more``: there are older claims than the ``COUNTED_MOST`` newest, which alone are told here;
    somebody waits for the answer to ``contested`` of all, counted as far.
    """

    accepted: int
    refused: int
    to_confirm: int
    amo_cents: int
    contested: int = 0
    more: bool = False
    more_contested: bool = False


class Followed(NamedTuple):
    """A claim with its last decision, and whether somebody waits for the answer to a contest."""

    claim: Claim
    decision: Decision | None
    contested: bool


class ClaimPage(NamedTuple):
    """One page of claims, newest first, and how many there are: beyond ``COUNTED_MOST``, more."""

    total: int
    rows: list[ClaimRow]
    more: bool = False


def latest_decisions(person_id: int) -> list[DecisionRow]:
    """The last decision on each of a person's claims, by claim; undecided claims are left out."""
    return latest_decisions_of([person_id])[person_id]


def latest_decisions_of(person_ids: Collection[int]) -> dict[int, list[DecisionRow]]:
    """The same of each of these people; nobody is missing."""
    found: dict[int, list[DecisionRow]] = {person_id: [] for person_id in person_ids}
    rows = _latest().filter(claim__person_id__in=list(found)).order_by("claim_id")
    for person_id, *columns in rows.values_list("claim__person_id", *_DECISION_COLUMNS):
        found[person_id].append(DecisionRow._make(columns))
    return found


def paid_of_people(person_ids: Collection[int]) -> dict[int, dict[int, bool]]:
    """Of each of these people, their sessions that were decided, and whether they are paid."""
    found: dict[int, dict[int, bool]] = {person_id: {} for person_id in person_ids}
    rows = _latest().filter(Among("claim__person_id", found))
    columns = ("claim__person_id", "claim__care_session_id", "accepted")
    for person_id, care_session_id, accepted in rows.values_list(*columns):
        found[person_id][care_session_id] = accepted
    return found


def sessions_to_confirm(person_ids: Collection[int]) -> set[int]:
    """The sessions of these people whose refusal an agent must still confirm."""
    waiting = _latest().filter(claim__person_id__in=list(person_ids), to_confirm=True)
    return set(waiting.values_list("claim__care_session_id", flat=True))


def latest_decision(claim_id: int) -> Decision | None:
    """The decision that counts for a claim: its last."""
    return Decision.objects.filter(claim_id=claim_id).order_by("-sequence").first()


def reviews_of(claim_id: int) -> list[Review]:
    """What people said of a claim's refusal, in order."""
    return list(Review.objects.filter(decision__claim_id=claim_id).order_by("id"))


def decisions_of(claim_id: int) -> list[Decision]:
    """Every decision on a claim, in order: the last one counts."""
    return list(Decision.objects.filter(claim_id=claim_id).order_by("sequence"))


def first_accepted(claim_id: int) -> Decision | None:
    """The first decision that accepted a claim: what was paid on the spot went by it."""
    found = Decision.objects.filter(claim_id=claim_id, accepted=True).order_by("sequence")
    return found.select_related("claim__care_sheet").first()


def decision_numbered(claim_id: int, sequence: int) -> Decision | None:
    """One of a claim's decisions."""
    return Decision.objects.filter(claim_id=claim_id, sequence=sequence).first()


def events_of(claim_id: int) -> list[Event]:
    """What happened to a claim beside decisions, in order."""
    return list(Event.objects.filter(claim_id=claim_id).order_by("happened_at", "id"))


def told_of(
    claim_ids: Collection[int],
) -> tuple[dict[int, list[Decision]], dict[int, list[Event]]]:
    """The decisions of these claims, without what they were taken on, and their events."""
    decided: dict[int, list[Decision]] = {claim_id: [] for claim_id in claim_ids}
    events: dict[int, list[Event]] = {claim_id: [] for claim_id in claim_ids}
    wanted = sorted(claim_ids)
    for first in range(0, len(wanted), _ASKED_AT_ONCE):
        some = wanted[first : first + _ASKED_AT_ONCE]
        rows = Decision.objects.filter(claim_id__in=some).defer("facts", "terms")
        for row in rows.order_by("sequence"):
            decided[row.claim_id].append(row)
        for event in Event.objects.filter(claim_id__in=some).order_by("happened_at", "id"):
            events[event.claim_id].append(event)
    return decided, events


def last_decisions(claim_ids: Collection[int]) -> dict[int, int]:
    """The number of the decision that counts of each of these claims."""
    found = _latest().filter(claim_id__in=list(claim_ids))
    return dict(found.values_list("claim_id", "pk"))


def note(events: Collection[Event]) -> int:
    """Tell what happened to claims; how many lines are new. Told before, a thing stays once."""
    known = set(
        Event.objects.filter(claim_id__in={event.claim_id for event in events}).values_list(
            "claim_id", "mark", "payer", "reference"
        )
    )
    new = {
        key: event
        for event in events
        if (key := (event.claim_id, event.mark, event.payer, event.reference)) not in known
    }
    Event.objects.bulk_create(new.values())
    return len(new)


def of_person(person_id: int, civil_years: Collection[int] = ()) -> list[Claim]:
    """A person's claims of sessions of some years (all unless told), in order of receipt.

    With all that deciding again reads; the last decision is ``latest_decisions``' to say.
    """
    found = Claim.objects.filter(person_id=person_id)
    if civil_years:
        found = found.filter(care_session__held_on__year__in=list(civil_years))
    together = ("care_sheet", "care_session", "care_session__place")
    return list(found.select_related(*together).order_by("received_on", "id"))


def by_public_id(public_id: uuid.UUID) -> Claim | None:
    """The claim of an address, with its sheet, session, person, psychologist and decisions."""
    return (
        Claim.objects.select_related("care_sheet", "care_session", "person", "psychologist")
        .prefetch_related("decisions")
        .filter(public_id=public_id)
        .first()
    )


def with_person(claim_id: int) -> Claim | None:
    """A claim with its person and its session's appointment."""
    found = Claim.objects.filter(pk=claim_id)
    return found.select_related("person", "care_session__booking").first()


def by_reference(reference: str) -> Claim | None:
    """The claim that somebody names by its reference."""
    found = Claim.objects.select_related("care_sheet")
    return found.filter(reference=reference).first()


def references(claim_ids: Collection[int]) -> dict[int, tuple[uuid.UUID, str]]:
    """The address and the reference of each of these claims."""
    rows = Claim.objects.filter(pk__in=list(claim_ids))
    return {
        key: (address, said)
        for key, address, said in rows.values_list("id", "public_id", "reference")
    }


def with_sheets(claim_ids: Collection[int]) -> list[Claim]:
    """These claims with what their sheets say, in the order of their sessions."""
    found = Claim.objects.select_related("care_sheet", "care_session__place")
    return list(found.filter(pk__in=claim_ids).order_by("care_session__held_on", "pk"))


def last_fund_code(psychologist_id: int) -> str:
    """The fund of the psychologist's last claim, to suggest for the next; empty without one."""
    found = Claim.objects.filter(psychologist_id=psychologist_id).exclude(fund_code="")
    return found.order_by("-id").values_list("fund_code", flat=True).first() or ""


def claims_of_sheet(care_sheet_id: int) -> list[Claim]:
    """The claims a care sheet became, one a line in their order; none before it is sent."""
    found = {row.care_session_id: row for row in Claim.objects.filter(care_sheet_id=care_sheet_id)}
    return [found[line.care_session_id] for line in lines_of(care_sheet_id) if found]


def lines_of(care_sheet_id: int) -> list[SheetLine]:
    """The lines of a care sheet in their order, with the sheet, the session and its place."""
    found = SheetLine.objects.filter(care_sheet_id=care_sheet_id).order_by("position")
    return list(found.select_related("care_sheet", "care_session__place"))


def line_of_session(care_session_id: int) -> SheetLine | None:
    """The line of a care sheet on which a session stands, with the sheet."""
    return standing_lines([care_session_id]).first()


def standing_lines(care_session_ids: Collection[int]) -> QuerySet[SheetLine]:
    """The lines of these sessions that no later sheet replaced, with their sheets."""
    found = SheetLine.objects.filter(care_session__in=care_session_ids, replaced_by=None)
    return found.select_related("care_sheet", "care_session__place")


def standing_lines_of(session: str) -> QuerySet[SheetLine]:
    """For a subquery: the line of the session that a column of the outer query names."""
    return SheetLine.objects.filter(care_session=OuterRef(session), replaced_by=None)


def sheets_so_far(care_session_id: int) -> int:
    """On how many sheets a session stood already, those that were replaced too."""
    return SheetLine.objects.filter(care_session_id=care_session_id).count()


def replaced(care_sheet_id: int) -> bool:
    """Whether another sheet took the place of this one, or of one of its lines."""
    return SheetLine.objects.filter(care_sheet=care_sheet_id, replaced_by__isnull=False).exists()


def lines_to_send(person_id: int, psychologist_id: int) -> list[SheetLine]:
    """The lines of a person with a psychologist that no fund has yet, by day."""
    sent = Claim.objects.filter(care_session=OuterRef("care_session"))
    found = SheetLine.objects.filter(
        ~Exists(sent),
        care_sheet__person=person_id,
        care_sheet__psychologist=psychologist_id,
        care_session__correction=None,
        replaced_by=None,
    )
    related = found.select_related("care_sheet", "care_session__place")
    return list(related.order_by("care_session__held_on", "care_session_id"))


def reached_the_fund(care_session_id: int) -> bool:
    """Whether a session's sheet became a claim."""
    return Claim.objects.filter(care_session_id=care_session_id).exists()


def lines_numbered(numbers: Collection[str]) -> dict[str, list[NumberedLine]]:
    """The lines of the sheets with these numbers; what the sheets printed is not read."""
    claim = Claim.objects.filter(care_session=OuterRef("care_session"))
    last = Decision.objects.filter(claim__care_session=OuterRef("care_session"))
    rows = (
        SheetLine.objects.filter(Among("care_sheet__number", numbers))
        .defer("care_sheet__printed")
        .select_related("care_sheet", "care_session__place", "care_session__correction")
        .annotate(
            claimed=Subquery(claim.values("reference")[:1]),
            decided=Subquery(last.order_by("-sequence").values("accepted")[:1]),
            replaced=Exists(SheetLine.objects.filter(replaces=OuterRef("pk"))),
        )
    )
    found: dict[str, list[NumberedLine]] = {}
    for row in rows:
        corrected = getattr(row.care_session, "correction", None) is not None
        known = NumberedLine(row, row.claimed or "", row.decided, corrected or row.replaced)
        found.setdefault(row.care_sheet.number, []).append(known)
    return found


def sheet_by_public_id(public_id: uuid.UUID) -> CareSheet | None:
    """The care sheet of an address, with its person and psychologist."""
    return (
        CareSheet.objects.select_related("person", "psychologist")
        .filter(public_id=public_id)
        .first()
    )


def sheet_by_number(number: str) -> CareSheet | None:
    """The care sheet that somebody names by its number."""
    found = CareSheet.objects.select_related("person", "psychologist")
    return found.filter(number=number).first()


def sheet_received(care_sheet_id: int, fund_code: str) -> bool:
    """Whether a fund received a line of this sheet."""
    return Claim.objects.filter(care_sheet=care_sheet_id, fund_code=fund_code).exists()


def sheet_of_session(care_session_id: int) -> CareSheet | None:
    """The care sheet on which a session stands."""
    line = line_of_session(care_session_id)
    return line.care_sheet if line else None


def sheets_of_sessions(care_session_ids: Collection[int]) -> dict[int, CareSheet]:
    """The care sheet of each session that stands on one, by session."""
    lines = standing_lines(care_session_ids)
    return {line.care_session_id: line.care_sheet for line in lines}


def sheets_of_psychologist(
    psychologist_id: int, *, since: date | None = None
) -> QuerySet[CareSheet]:
    """A psychologist's care sheets, newest first."""
    sheets = CareSheet.objects.filter(psychologist_id=psychologist_id)
    return (sheets.filter(issued_on__gte=since) if since else sheets).order_by("-issued_at", "-id")


def claims_page(
    *,
    fund_code: str = "",
    person_id: int | None = None,
    psychologist_id: int | None = None,
    accepted: bool | None = None,
    to_confirm: bool | None = None,
    contested: bool = False,
    reference: str = "",
    first: int = 0,
    size: int = 50,
) -> ClaimPage:
    """Claims newest first from number ``first`` (0 is the newest), ``size`` at most.

    An empty ``fund_code`` means every fund's; ``accepted`` None means decided or not. A refusal
    to be confirmed is found with ``to_confirm`` only; ``reference`` matches a part of it.
    """
    last = Decision.objects.filter(claim=OuterRef("pk")).order_by("-sequence")
    claims = Claim.objects.filter(**_whose(fund_code, person_id, psychologist_id))
    if reference:
        claims = claims.filter(reference__icontains=reference)
    if contested:
        claims = claims.filter(_CONTESTED)
    wanted: dict[str, bool] = {}
    if accepted is not None:
        wanted |= {"accepted": accepted, "to_confirm": False}
    if to_confirm is not None:
        wanted["to_confirm"] = to_confirm
    if to_confirm:
        # Few wait among all: they are found first, by an index of their own.
        claims = claims.filter(pk__in=_latest().filter(**wanted).values("claim"))
    elif wanted:
        claims = claims.filter(Exists(_latest().filter(claim=OuterRef("pk"), **wanted)))
    total, more = _counted(claims)
    ordered = claims.order_by("-received_at", "-id").values_list("pk", flat=True)
    # The rest is read of the page's own rows only, whatever lies before them.
    shown = Claim.objects.filter(Among("pk", ordered[first : min(first + size, COUNTED_MOST)]))
    rows = (
        shown.annotate(
            **{column: Subquery(last.values(column)[:1]) for column in _DECIDED_COLUMNS}
        )
        .order_by("-received_at", "-id")
        .values_list(*_CLAIM_COLUMNS, *_DECIDED_COLUMNS)
    )
    return ClaimPage(total, [ClaimRow._make(row) for row in rows], more)


def followed(
    *,
    since: date,
    also: Collection[int] = (),
    person_id: int | None = None,
    psychologist_id: int | None = None,
) -> list[Followed]:
    """Claims of a person or of a psychologist that arrived since a day, and some older ones.

    The newest session first, each with the last decision; three queries.
    """
    wanted = Q(received_on__gte=since) | Q(pk__in=list(also))
    rows = Claim.objects.filter(wanted, **_whose("", person_id, psychologist_id))
    found = list(rows.select_related("care_session").order_by("-care_session__held_on", "-id"))
    decided = {row.claim_id: row for row in _latest().filter(claim__in=found)}
    asking = set(
        Claim.objects.filter(_CONTESTED, pk__in=[claim.pk for claim in found]).values_list(
            "pk", flat=True
        )
    )
    return [Followed(claim, decided.get(claim.pk), claim.pk in asking) for claim in found]


def tally(
    *, fund_code: str = "", person_id: int | None = None, psychologist_id: int | None = None
) -> Tally:
    """Where the newest claims of a fund, a person or a psychologist stand, by their last decision.

    Not more than ``COUNTED_MOST``: a count of all grows with the years, and is no work's measure.
    """
    claims = Claim.objects.filter(**_whose(fund_code, person_id, psychologist_id))
    ordered = claims.order_by("-received_at", "-id").values_list("pk", flat=True)
    newest = list(ordered[: COUNTED_MOST + 1])
    decided = _latest().filter(Among("claim_id", newest[:COUNTED_MOST]))
    confirmed = Q(to_confirm=False)
    # Names of their own: one that is a column's hides the column from the next.
    counts = decided.aggregate(
        number_accepted=Count("pk", filter=confirmed & Q(accepted=True)),
        number_refused=Count("pk", filter=confirmed & Q(accepted=False)),
        number_to_confirm=Count("pk", filter=Q(to_confirm=True)),
        total_amo_cents=Sum("amo_cents", default=0),
    )
    contested, more_contested = _counted(claims.filter(_CONTESTED))
    return Tally(
        accepted=counts["number_accepted"],
        refused=counts["number_refused"],
        to_confirm=counts["number_to_confirm"],
        amo_cents=counts["total_amo_cents"],
        contested=contested,
        more=len(newest) > COUNTED_MOST,
        more_contested=more_contested,
    )


def _counted(claims: QuerySet[Claim]) -> tuple[int, bool]:
    """How many there are up to ``COUNTED_MOST``, and whether there are more."""
    total = claims.order_by()[: COUNTED_MOST + 1].count()
    return min(total, COUNTED_MOST), total > COUNTED_MOST


# Somebody waits for an answer.
_CONTESTED = Exists(Contest.objects.filter(claim=OuterRef("pk"), answer__isnull=True))


def _whose(
    fund_code: str, person_id: int | None, psychologist_id: int | None
) -> dict[str, str | int]:
    """The filters that keep to one fund, one person or one psychologist; none keeps all."""
    given = {
        "fund_code": fund_code or None,
        "person_id": person_id,
        "psychologist_id": psychologist_id,
    }
    return {name: value for name, value in given.items() if value is not None}


_CLAIM_COLUMNS = (
    "id",
    "public_id",
    "reference",
    "fund_code",
    "received_on",
    "received_at",
    "person_id",
    "psychologist_id",
    "care_session__held_on",
    "care_session__kind",
)
_DECIDED_COLUMNS = ("accepted", "reasons", "to_confirm", "amo_cents")
_DECISION_COLUMNS = (
    "claim__care_session_id",
    "claim_id",
    "claim__public_id",
    "id",
    "accepted",
    "reasons",
    "coverage",
    "notices",
    "price_cents",
    "amo_cents",
    "amc_cents",
    "patient_cents",
    "patient_upfront_cents",
    "claim__received_on",
    "decided_at",
)


def decided_again(person_id: int, cause: str, since: datetime) -> list[Decision]:
    """Decisions on somebody's claims that took another's place for a cause, since a moment."""
    found = Decision.objects.filter(
        claim__person=person_id, cause=cause, decided_at__gte=since, replaces__isnull=False
    )
    related = ("claim__care_session", "replaces")
    return list(found.select_related(*related).order_by("claim__care_session__held_on", "id"))


def invoiced(claim_ids: Collection[int]) -> dict[int, Decision]:
    """The decision that counts of each of these claims, with the claim and its person."""
    rows: dict[int, Decision] = {}
    wanted = sorted(claim_ids)
    for first in range(0, len(wanted), _ASKED_AT_ONCE):
        found = _latest().filter(claim__in=wanted[first : first + _ASKED_AT_ONCE])
        rows |= {row.claim_id: row for row in found.select_related("claim__person")}
    return rows


def to_invoice(fund_code: str, *, since: date, before: date) -> list[Decision]:
    """Decisions that count and accept, of claims a fund received and pays the psychologist for."""
    found = _latest().filter(
        accepted=True,
        claim__care_sheet__amo_third_party=True,
        claim__fund_code=fund_code,
        claim__received_on__gte=since,
        claim__received_on__lt=before,
    )
    related = ("claim__person", "claim__psychologist", "claim__care_session")
    return list(found.select_related(*related).order_by("claim__received_at", "claim_id"))


def act_codes(care_session_ids: Collection[int]) -> dict[int, str]:
    """The act code on the sheet of each of these sessions."""
    codes: dict[int, str] = {}
    wanted = sorted(care_session_ids)
    for first in range(0, len(wanted), _ASKED_AT_ONCE):
        lines = standing_lines(wanted[first : first + _ASKED_AT_ONCE])
        codes.update(lines.values_list("care_session_id", "act_code"))
    return codes


def _latest() -> QuerySet[Decision]:
    """Decisions that no later one of the same claim replaces."""
    later = Decision.objects.filter(claim=OuterRef("claim"), sequence__gt=OuterRef("sequence"))
    return Decision.objects.filter(~Exists(later))


def counting() -> QuerySet[Decision]:
    """The decisions that count: those that no later one replaces."""
    return _latest()


def covered_by(insurer_code: str) -> QuerySet[Decision]:
    """Decisions that leave something to the insurer of the person's cover on the day of care."""
    held_on = F("claim__care_session__held_on")
    until = Q(claim__person__covers__valid_before__isnull=True) | Q(
        claim__person__covers__valid_before__gt=held_on
    )
    return Decision.objects.filter(
        until,
        accepted=True,
        price_cents__gt=F("amo_cents"),
        claim__person__covers__insurer_code=insurer_code,
        claim__person__covers__valid_from__lte=held_on,
    )


def fund_received(person_id: int, fund_code: str) -> bool:
    """Whether a fund received a claim of this person; nobody's code received nothing."""
    found = Claim.objects.filter(person_id=person_id, fund_code=fund_code)
    return bool(fund_code) and found.exists()


def forget(person_id: int) -> int:
    """Empty the sealed columns of somebody's sheets and decisions; how many rows.

    Raises IntegrityError before the person's row says that they are forgotten.
    """
    sheets, decisions = CareSheet._meta.db_table, Decision._meta.db_table
    with connection.cursor() as cursor:
        empty = connection.Database.Binary(b"")  # type: ignore[attr-defined]
        cursor.execute(
            f"UPDATE {sheets} SET printed = %s WHERE person_id = %s AND length(printed) > 0",
            [empty, person_id],
        )
        gone = cursor.rowcount
        cursor.execute(
            f"UPDATE {decisions} SET facts = %s WHERE length(facts) > 0 AND claim_id IN "
            f"(SELECT id FROM {Claim._meta.db_table} WHERE person_id = %s)",
            [empty, person_id],
        )
        return gone + cursor.rowcount
