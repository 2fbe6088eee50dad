"""Where somebody is paid: given by themselves, in force once a second person confirms it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from soutien.registers.claims import queries as claims
from soutien.registers.payments import queries as payments
from soutien.registers.payments.models import HELD, IN_FORCE, REFUSED, BankDetail
from soutien.registers.people import queries as people
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Ties, allow, relations
from soutien.steps.trace import act, looking, record

ZONE = "Europe/Paris"
SHOWN_AT_THE_END = 4


@dataclass(frozen=True, slots=True)
class BankDetailView:
    """Bank details as whoever may see them reads them. Agents see the whole number."""

    public_id: uuid.UUID
    owner_name: str
    by_psychologist: bool
    holder_name: str
    iban: str
    bank_name: str
    state: str
    given_at: datetime
    change: bool


@act("payments.bank_detail.given")
def give_bank_detail(*, actor: Actor, iban: str, holder_name: str, at: datetime) -> BankDetailView:
    """Say where one wants to be paid. It is held until an agent of the fund confirms it.

    Given again while it is held or in force, it is the same. Refuses ``iban_wrong`` and
    ``bank_no_fund`` while no fund knows who it is about.
    """
    allow(actor, "give_bank_detail", _own(actor))
    number = _checked(iban)
    person_id, psychologist_id = _owner(actor)
    for kept in payments.details_of(person_id=person_id, psychologist_id=psychologist_id):
        if kept.state in {HELD, IN_FORCE} and (kept.iban, kept.holder_name) == (
            number,
            holder_name,
        ):
            return _view(kept, whole=False)
    wanted = BankDetail(
        person_id=person_id,
        psychologist_id=psychologist_id,
        iban=number,
        holder_name=holder_name,
        fund_code=_fund_code(person_id, psychologist_id, at),
        given_at=at,
        given_by=actor.account_id,
    )
    made = payments.hold_detail(wanted)
    if made is not wanted:
        return _view(made, whole=False)
    record(
        actor, "payments.bank_detail.given", at=at, object_id=made.public_id, person_id=person_id
    )
    return _view(made, whole=False)


@looking("payments.bank_detail.opened")
def open_bank_detail(*, actor: Actor, at: datetime) -> list[BankDetailView]:
    """One's own bank details: those in force and those that wait for an agent, ends only."""
    allow(actor, "open_bank_detail", _own(actor))
    person_id, psychologist_id = _owner(actor)
    found = payments.details_of(person_id=person_id, psychologist_id=psychologist_id)[:10]
    record(
        actor,
        "payments.bank_detail.opened",
        at=at,
        object_id=f"of {actor.side}",
        person_id=person_id,
    )
    return [_view(detail, whole=False) for detail in found]


@looking("payments.bank_detail.listed")
def list_bank_details(*, actor: Actor, at: datetime) -> list[BankDetailView]:
    """What the agents of a fund have to confirm, oldest first."""
    allow(actor, "list_bank_details", relations(actor, fund_code=actor.fund_code))
    found = list(payments.held_details(actor.fund_code))
    record(
        actor,
        "payments.bank_detail.listed",
        at=at,
        object_id=actor.fund_code,
        people=[detail.person_id for detail in found if detail.person_id is not None],
    )
    return [_view(detail, whole=True) for detail in found]


@act("payments.bank_detail.answered")
def answer_bank_detail(
    *, actor: Actor, public_id: uuid.UUID, confirmed: bool, at: datetime
) -> BankDetailView:
    """Confirm held bank details, which then are in force, or refuse them.

    Refuses ``bank_answered`` when somebody did otherwise, ``needs_another_person`` to who gave it.
    """
    found = payments.detail_by_public_id(public_id)
    if found is None:
        raise Refusal("not_found")
    ties = relations(actor, person_id=found.person_id, fund_code=found.fund_code)
    allow(actor, "answer_bank_detail", ties)
    detail = payments.lock_detail(found.pk)
    wanted = IN_FORCE if confirmed else REFUSED
    if detail.state == wanted:
        return _view(detail, whole=True)
    if detail.state != HELD:
        raise Refusal("bank_answered")
    if actor.account_id is None or actor.account_id == detail.given_by:
        raise Refusal("needs_another_person")
    payments.answer_detail(detail, wanted, at=at, by=actor.account_id)
    record(
        actor,
        "payments.bank_detail.answered",
        at=at,
        object_id=public_id,
        person_id=detail.person_id,
        reason=wanted,
    )
    return _view(detail, whole=True)


def _own(actor: Actor) -> Ties:
    return relations(
        actor,
        person_id=actor.about_person_id if actor.side == "person" else None,
        psychologist_id=actor.psychologist_id,
    )


def _owner(actor: Actor) -> tuple[int | None, int | None]:
    if actor.side == "psychologist":
        return None, actor.psychologist_id
    return actor.about_person_id, None


def _checked(iban: str) -> str:
    """The number without spaces. Raises Refusal(iban_wrong)."""
    from schwifty import IBAN
    from schwifty.exceptions import SchwiftyException

    try:
        return IBAN(iban, validate_bban=True).compact
    except SchwiftyException:
        raise Refusal("iban_wrong", fields=("iban",)) from None


def _fund_code(person_id: int | None, psychologist_id: int | None, at: datetime) -> str:
    """Whose agents confirm it: the person's fund of this day, the psychologist's last one."""
    if person_id is None:
        found = claims.last_fund_code(psychologist_id) if psychologist_id else ""
    else:
        affiliation = people.affiliation_on(person_id, gather.civil_day(at, ZONE))
        found = affiliation.fund_code if affiliation else ""
    if not found:
        raise Refusal("bank_no_fund")
    return found


def _view(detail: BankDetail, *, whole: bool) -> BankDetailView:
    owner = detail.person or detail.psychologist
    earlier = payments.details_of(
        person_id=detail.person_id, psychologist_id=detail.psychologist_id
    ).filter(pk__lt=detail.pk)
    return BankDetailView(
        public_id=detail.public_id,
        owner_name=f"{owner.given_name} {owner.family_name}" if owner else "",
        by_psychologist=detail.psychologist_id is not None,
        holder_name=detail.holder_name,
        iban=_grouped(detail.iban) if whole else f"… {detail.iban[-SHOWN_AT_THE_END:]}",
        bank_name=_bank_of(detail.iban),
        state=detail.state,
        given_at=detail.given_at,
        change=whole and earlier.exists(),
    )


def _grouped(iban: str) -> str:
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def _bank_of(iban: str) -> str:
    """The bank's name, from the numbers alone; empty when it is not known."""
    from schwifty import IBAN

    return (IBAN(iban).bank_name or "") if iban else ""
