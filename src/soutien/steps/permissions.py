"""Who may take which step: one table. What is not written here is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal


class Relation(StrEnum):
    """What ties an actor to what the step is about."""

    ANYONE = "anyone"  # nothing: open to all who have the role
    NOBODY = "nobody"  # it belongs to no person yet
    LINK = "link"  # holds the unguessable address of the thing
    OWN = "own"  # is the person it is about
    MY_AGENDA = "my_agenda"  # is the psychologist it is about
    MY_PATIENT = "my_patient"  # has a live booking or a session with the person
    MY_NEWCOMER = "my_newcomer"  # is the psychologist it is about, and it is nobody's yet
    MY_FUND = "my_fund"  # works for the fund that received it


_ALL_ROLES = ("anonymous", "person", "psychologist", "fund_agent", "administrator")
_OPEN_TO_ALL = {role: frozenset({Relation.ANYONE}) for role in _ALL_ROLES}


def _only(**relations: Relation | tuple[Relation, ...]) -> Mapping[str, frozenset[Relation]]:
    return {
        role: frozenset({allowed} if isinstance(allowed, Relation) else allowed)
        for role, allowed in relations.items()
    }


_R = Relation
# step: role: the relations that open it. An administrator reads nothing about anybody's care.
RULES: Mapping[str, Mapping[str, frozenset[Relation]]] = {
    "find_psychologists": _OPEN_TO_ALL,
    "find_in_departement": _OPEN_TO_ALL,
    "find_by_name": _OPEN_TO_ALL,
    "psychologist_page": _OPEN_TO_ALL,
    "what_will_i_pay": _OPEN_TO_ALL,
    "report_availability": _OPEN_TO_ALL,
    "plan_confirmations": _only(system=_R.ANYONE),
    "open_confirmation": _only(anonymous=_R.LINK, person=_R.LINK, psychologist=_R.MY_AGENDA),
    "answer_confirmation": _only(anonymous=_R.LINK, person=_R.LINK, psychologist=_R.MY_AGENDA),
    "hold_slot": _only(
        anonymous=_R.NOBODY, person=_R.OWN, psychologist=(_R.MY_PATIENT, _R.MY_NEWCOMER)
    ),
    "confirm_booking": _only(
        anonymous=_R.LINK, person=(_R.OWN, _R.LINK), psychologist=_R.MY_AGENDA
    ),
    "cancel_booking": _only(
        anonymous=_R.LINK, person=(_R.OWN, _R.LINK), psychologist=_R.MY_AGENDA
    ),
    "move_booking": _only(anonymous=_R.LINK, person=(_R.OWN, _R.LINK), psychologist=_R.MY_AGENDA),
    "overbook_slot": _only(psychologist=_R.MY_PATIENT),
    "release_expired_holds": _only(system=_R.ANYONE),
    "propose_plan": _only(person=_R.OWN, psychologist=_R.MY_PATIENT),
    "book_plan": _only(person=_R.OWN, psychologist=_R.MY_PATIENT),
    "add_opening": _only(psychologist=_R.MY_AGENDA),
    "change_opening": _only(psychologist=_R.MY_AGENDA),
    "end_opening": _only(psychologist=_R.MY_AGENDA),
    "add_absence": _only(psychologist=_R.MY_AGENDA),
    "remove_absence": _only(psychologist=_R.MY_AGENDA),
    "open_once": _only(psychologist=_R.MY_AGENDA),
    "close_once": _only(psychologist=_R.MY_AGENDA),
    "remove_exception": _only(psychologist=_R.MY_AGENDA),
    "set_limits": _only(psychologist=_R.MY_AGENDA),
    "begin_import": _only(system=_R.ANYONE),
    "record_register_lines": _only(system=_R.ANYONE),
    "retire_from_register": _only(system=_R.ANYONE),
    "align_partners": _only(system=_R.ANYONE),
    "record_partners": _only(system=_R.ANYONE),
    "retire_from_partners": _only(system=_R.ANYONE),
    "finish_import": _only(system=_R.ANYONE),
    "close_session": _only(psychologist=_R.MY_AGENDA),
    "send_care_sheet": _only(person=_R.OWN, psychologist=_R.MY_AGENDA),
    "plan_reminder": _only(system=_R.ANYONE),
    "share_calendar": _only(person=_R.OWN, psychologist=_R.MY_AGENDA),
    "stop_sharing": _only(person=_R.OWN, psychologist=_R.MY_AGENDA),
    "follow_calendar": _only(psychologist=_R.MY_AGENDA),
    "stop_following": _only(psychologist=_R.MY_AGENDA),
    "record_busy_times": _only(system=_R.ANYONE),
    "join_waiting_list": _OPEN_TO_ALL,
    "open_wait": _only(anonymous=_R.LINK, person=(_R.OWN, _R.LINK)),
    "keep_waiting": _only(anonymous=_R.LINK, person=(_R.OWN, _R.LINK)),
    "leave_waiting_list": _only(anonymous=_R.LINK, person=(_R.OWN, _R.LINK)),
    "offer_freed_slot": _only(system=_R.ANYONE),
    "open_offer": _only(anonymous=_R.LINK, person=(_R.OWN, _R.LINK)),
    "answer_offer": _only(anonymous=_R.LINK, person=(_R.OWN, _R.LINK)),
    "expire_offers": _only(system=_R.ANYONE),
    "request_call_back": _OPEN_TO_ALL,
    "open_request": _only(anonymous=_R.LINK, person=_R.LINK),
    "open_inbox": _only(psychologist=_R.MY_AGENDA),
    "answer_request": _only(psychologist=_R.MY_AGENDA),
    "answer_wait": _only(psychologist=_R.MY_AGENDA),
    "forget_old_requests": _only(system=_R.ANYONE),
    "open_booking": _only(anonymous=_R.LINK, person=(_R.OWN, _R.LINK), psychologist=_R.MY_AGENDA),
    "open_year": _only(person=_R.OWN),
    "open_day": _only(psychologist=_R.MY_AGENDA),
    "open_line": _only(psychologist=_R.MY_AGENDA),
    "list_patients": _only(psychologist=_R.MY_AGENDA),
    "open_care_sheet": _only(person=_R.OWN, psychologist=_R.MY_AGENDA, fund_agent=_R.MY_FUND),
    "open_claim": _only(person=_R.OWN, psychologist=_R.MY_AGENDA, fund_agent=_R.MY_FUND),
    "list_claims": _only(person=_R.OWN, psychologist=_R.MY_AGENDA, fund_agent=_R.MY_FUND),
}


def relations(
    actor: Actor,
    *,
    person_id: int | None = None,
    psychologist_id: int | None = None,
    fund_code: str = "",
    by_link: bool = False,
    treats: bool = False,
) -> frozenset[Relation]:
    """What ties an actor to a thing that belongs to these people; nobody is tied to None.

    ``by_link`` says that the actor gave the thing's unguessable address, ``treats`` that the
    actor has a live booking or a session with the person.
    """
    found = {Relation.ANYONE}
    if by_link:
        found.add(Relation.LINK)
    if person_id is None:
        found.add(Relation.NOBODY)
    elif actor.person_id == person_id:
        found.add(Relation.OWN)
    if psychologist_id is not None and actor.psychologist_id == psychologist_id:
        found.add(Relation.MY_AGENDA)
        if person_id is None:
            found.add(Relation.MY_NEWCOMER)
    if treats and actor.psychologist_id is not None:
        found.add(Relation.MY_PATIENT)
    if actor.fund_code and fund_code == actor.fund_code:
        found.add(Relation.MY_FUND)
    return frozenset(found)


def allow(actor: Actor, step: str, ties: Collection[Relation] = (Relation.ANYONE,)) -> None:
    """Returns when the table opens the step to this role and tie; else Refusal(not_allowed).

    The refusal says the same whether the thing exists or not.
    """
    opened_by = RULES.get(step, {}).get(actor.role, frozenset())
    if opened_by.isdisjoint(ties):
        raise Refusal("not_allowed", step=step, role=actor.role)
