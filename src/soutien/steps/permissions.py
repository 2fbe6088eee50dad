"""Who may take which step: one table. What is not written here is refused.

A row says which kinds of data its step shows or writes, then role by role the relations that open
it: ``"open_year": _only(_D.HEALTH, _D.MONEY, person=_R.OWN, guardian=_R.MY_WARD)``. After a new
row: ``python -m tools.permissions_page`` writes docs/permissions.md again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.trace import concerning


class Relation(StrEnum):
    """What ties an actor to what the step is about."""

    ANYONE = "anyone"  # nothing: open to all who have the role
    NOBODY = "nobody"  # it belongs to no person yet
    LINK = "link"  # holds the unguessable address of the thing
    OWN = "own"  # is the person it is about
    MY_WARD = "my_ward"  # acts for the young child it is about
    MY_TEENAGER = "my_teenager"  # acts for the teenager it is about: appointments and bills
    MY_PROTECTED = "my_protected"  # represents the adult it is about: appointments and bills
    MY_ASSISTED = "my_assisted"  # assists the adult it is about: bills
    MY_AGENDA = "my_agenda"  # is the psychologist it is about, or replaces them
    MY_PATIENT = "my_patient"  # has a live booking or a session with the person
    MY_NEWCOMER = "my_newcomer"  # is the psychologist it is about, and it is nobody's yet
    MY_FUND = "my_fund"  # works for the fund that received it
    MY_MEMBERS = "my_members"  # works for the insurer of the person's cover
    MY_TOWN = "my_town"  # works for the town it is about
    MY_ACCOUNT = "my_account"  # signed in with the account it is about


class Data(StrEnum):
    """What a step shows or writes, as data protection counts it."""

    PUBLIC = "public"  # what anybody may read: the directory, prices, texts
    IDENTITY = "identity"  # who somebody is, and how to reach them
    HEALTH = "health"  # that somebody is in care: appointments, sessions, rights
    CLINICAL = "clinical"  # what is said in care: notes, questionnaires, scores
    MONEY = "money"  # what is claimed, decided and paid
    TECHNICAL = "technical"  # hours, files, links: about nobody in care


class Rule(NamedTuple):
    """One step's row: the kinds of data it touches, and the relations that open it, by role."""

    data: frozenset[Data]
    roles: Mapping[str, frozenset[Relation]]


ROLES = (
    "anonymous",
    "person",
    "guardian",
    "psychologist",
    "replacement",
    "doctor",
    "fund_agent",
    "fund_supervisor",
    "insurer_agent",
    "town_editor",
    "town_author",
    "analyst",
    "administrator",
)
# Whoever pays, publishes, counts or runs the machine never reads what is said in care.
NEVER_CLINICAL = frozenset(
    {
        "fund_agent",
        "fund_supervisor",
        "insurer_agent",
        "town_editor",
        "town_author",
        "analyst",
        "administrator",
    }
)
# The objects of the audit that hold clinical words. A step that touches one is Data.CLINICAL.
CLINICAL_OBJECTS = frozenset(
    {
        *("care.note", "care.goals", "care.review", "care.episode", "care.hand_over"),
        "measures.questionnaire",
        "measures.outcome",
        "measures.curve",
        "measures.list",
        "writings.writing",
    }
)
# These see other people's data: a password alone does not open their pages.
NEEDS_SECOND_FACTOR = frozenset(ROLES) - {"anonymous", "person", "guardian"}


def _only(*data: Data, **relations: Relation | tuple[Relation, ...]) -> Rule:
    return Rule(
        frozenset(data),
        {
            role: frozenset({allowed} if isinstance(allowed, Relation) else allowed)
            for role, allowed in relations.items()
        },
    )


def _open_to_all(*data: Data) -> Rule:
    return _only(*data, **dict.fromkeys(ROLES, Relation.ANYONE))


def _own_account(*data: Data) -> Rule:
    return _only(*data, **dict.fromkeys(ROLES[1:], Relation.MY_ACCOUNT))


def _own_or_system(*data: Data) -> Rule:
    own = dict.fromkeys(ROLES[1:], Relation.MY_ACCOUNT)
    return _only(*data, **own, system=Relation.ANYONE)


def _by_link(*data: Data) -> Rule:
    return _only(*data, **dict.fromkeys(ROLES, Relation.LINK))


_R, _D = Relation, Data
_Opens = Mapping[str, Relation | tuple[Relation, ...]]
# The person, and whoever acts for a young child.
_PATIENT: _Opens = {"person": _R.OWN, "guardian": _R.MY_WARD}
# Appointments and bills: whoever acts for a teenager, or represents an adult (tutelle), as well.
# Nothing else opens to them.
_FAMILY: _Opens = {"person": _R.OWN, "guardian": (_R.MY_WARD, _R.MY_TEENAGER, _R.MY_PROTECTED)}
# Bills: whoever assists an adult (curatelle) too; an adult who is assisted decides alone on care.
_BILLS: _Opens = {
    "person": _R.OWN,
    "guardian": (_R.MY_WARD, _R.MY_TEENAGER, _R.MY_PROTECTED, _R.MY_ASSISTED),
}
# With the link of an appointment or a place in the queue, also without an account.
_BY_ITS_LINK: _Opens = {
    "anonymous": _R.LINK,
    "person": (_R.OWN, _R.LINK),
    "guardian": (_R.MY_WARD, _R.MY_TEENAGER, _R.MY_PROTECTED, _R.LINK),
}
# The same of questions: a teenager's answers are not their parents' to give or read.
_ASKED_BY_LINK: _Opens = {**_BY_ITS_LINK, "guardian": (_R.MY_WARD, _R.LINK)}
# Who holds parental authority, by a link of their own.
_HOLDER: _Opens = {"anonymous": _R.LINK, "person": _R.LINK, "guardian": _R.LINK}
# Whose agenda it is, and whoever replaces them.
_PRACTICE: _Opens = {"psychologist": _R.MY_AGENDA, "replacement": _R.MY_AGENDA}
_TREATING: _Opens = {"psychologist": _R.MY_PATIENT, "replacement": _R.MY_PATIENT}
# Who pays prepares, releases and reads the bank; for the agents of a payer alone.
_PAYER: _Opens = {
    "fund_agent": _R.MY_FUND,
    "fund_supervisor": _R.MY_FUND,
    "insurer_agent": _R.MY_MEMBERS,
}
_FUND: _Opens = {"fund_agent": _R.MY_FUND, "fund_supervisor": _R.MY_FUND}
_INSURER: _Opens = {"insurer_agent": _R.MY_MEMBERS}
# Whoever writes a town's pages, and whoever answers for them.
_NEWSROOM: _Opens = {"town_editor": _R.MY_TOWN, "town_author": _R.MY_TOWN}
_EDITOR: _Opens = {"town_editor": _R.MY_TOWN}
# step: what it touches, then role: the relations that open it.
# An administrator reads nothing about anybody's care.
RULES: Mapping[str, Rule] = {
    "ask_provider": _open_to_all(_D.TECHNICAL),
    "take_answer": _open_to_all(_D.TECHNICAL),
    "refuse_answer": _open_to_all(_D.TECHNICAL),
    "sign_in_with_identity": _only(_D.IDENTITY, anonymous=_R.ANYONE, person=_R.ANYONE),
    "open_account_with_identity": _only(_D.IDENTITY, anonymous=_R.ANYONE, person=_R.ANYONE),
    "hold_identity": _open_to_all(_D.IDENTITY),
    "open_held_identity": _open_to_all(_D.IDENTITY),
    "open_identities": _own_account(_D.IDENTITY),
    "link_identity": _own_account(_D.IDENTITY),
    "unlink_identity": _own_account(_D.IDENTITY),
    "find_psychologists": _open_to_all(_D.PUBLIC),
    "find_in_departement": _open_to_all(_D.PUBLIC),
    "find_by_name": _open_to_all(_D.PUBLIC),
    "psychologist_page": _open_to_all(_D.PUBLIC),
    "what_will_i_pay": _open_to_all(_D.PUBLIC),
    "report_availability": _open_to_all(_D.PUBLIC),
    "plan_confirmations": _only(_D.PUBLIC, system=_R.ANYONE),
    "open_confirmation": _only(
        _D.PUBLIC,
        anonymous=_R.LINK,
        person=_R.LINK,
        guardian=_R.LINK,
        psychologist=_R.MY_AGENDA,
    ),
    "answer_confirmation": _only(
        _D.PUBLIC,
        anonymous=_R.LINK,
        person=_R.LINK,
        guardian=_R.LINK,
        psychologist=_R.MY_AGENDA,
    ),
    "hold_slot": _only(
        _D.HEALTH,
        **_FAMILY,
        anonymous=_R.NOBODY,
        psychologist=(_R.MY_PATIENT, _R.MY_NEWCOMER),
        replacement=(_R.MY_PATIENT, _R.MY_NEWCOMER),
    ),
    "confirm_booking": _only(_D.HEALTH, _D.IDENTITY, **_BY_ITS_LINK, **_PRACTICE),
    "cancel_booking": _only(_D.HEALTH, **_BY_ITS_LINK, **_PRACTICE),
    "move_booking": _only(_D.HEALTH, **_BY_ITS_LINK, **_PRACTICE),
    "overbook_slot": _only(_D.HEALTH, **_TREATING),
    "release_expired_holds": _only(_D.HEALTH, system=_R.ANYONE),
    "propose_plan": _only(_D.HEALTH, **_FAMILY, **_TREATING),
    "book_plan": _only(_D.HEALTH, **_FAMILY, **_TREATING),
    # How a practice is arranged for good is the psychologist's own: a replacement does not.
    "arrange_week": _only(_D.TECHNICAL, psychologist=_R.MY_AGENDA),
    "add_opening": _only(_D.TECHNICAL, psychologist=_R.MY_AGENDA),
    "change_opening": _only(_D.TECHNICAL, psychologist=_R.MY_AGENDA),
    "end_opening": _only(_D.TECHNICAL, psychologist=_R.MY_AGENDA),
    "add_absence": _only(_D.TECHNICAL, psychologist=_R.MY_AGENDA),
    "remove_absence": _only(_D.TECHNICAL, psychologist=_R.MY_AGENDA),
    "open_once": _only(_D.TECHNICAL, psychologist=_R.MY_AGENDA),
    "close_once": _only(_D.TECHNICAL, psychologist=_R.MY_AGENDA),
    "remove_exception": _only(_D.TECHNICAL, psychologist=_R.MY_AGENDA),
    "set_limits": _only(_D.TECHNICAL, psychologist=_R.MY_AGENDA),
    "begin_import": _only(_D.TECHNICAL, system=_R.ANYONE),
    "record_register_lines": _only(_D.PUBLIC, system=_R.ANYONE),
    "retire_from_register": _only(_D.PUBLIC, system=_R.ANYONE),
    "align_partners": _only(_D.PUBLIC, system=_R.ANYONE),
    "record_partners": _only(_D.PUBLIC, system=_R.ANYONE),
    "retire_from_partners": _only(_D.PUBLIC, system=_R.ANYONE),
    "finish_import": _only(_D.TECHNICAL, system=_R.ANYONE),
    "close_session": _only(_D.HEALTH, _D.IDENTITY, _D.MONEY, **_PRACTICE),
    "correct_session": _only(_D.HEALTH, _D.IDENTITY, _D.MONEY, **_PRACTICE),
    "open_accounting": _only(_D.HEALTH, _D.MONEY, system=_R.ANYONE, psychologist=_R.MY_AGENDA),
    "open_ledger": _only(_D.MONEY, system=_R.ANYONE),
    "read_returns": _only(_D.IDENTITY, _D.MONEY, system=_R.ANYONE),
    "list_invoices": _only(_D.HEALTH, _D.IDENTITY, _D.MONEY, system=_R.ANYONE),
    "issue_one_sheet": _only(_D.HEALTH, _D.IDENTITY, _D.MONEY, **_PRACTICE),
    "review_refusal": _only(_D.HEALTH, _D.MONEY, **_FUND),
    "decide_again": _only(_D.HEALTH, _D.MONEY, **_FUND),
    "decide_person_again": _only(_D.HEALTH, _D.MONEY, **_FUND, system=_R.ANYONE),
    "cancel_claim": _only(_D.HEALTH, _D.MONEY, **_FAMILY, **_PRACTICE, **_FUND),
    "compare_decisions": _only(
        _D.HEALTH, _D.MONEY, **_FAMILY, **_PRACTICE, **_FUND, system=_R.ANYONE
    ),
    "contest_decision": _only(_D.HEALTH, _D.MONEY, **_FAMILY, **_PRACTICE),
    "answer_contest": _only(_D.HEALTH, _D.MONEY, **_FUND),
    "receive_claims": _only(_D.HEALTH, _D.IDENTITY, _D.MONEY, system=_R.ANYONE),
    **dict.fromkeys(
        ("type_paper", "retype_paper", "return_paper", "decide_paper", "open_paper_sheet"),
        _only(_D.HEALTH, _D.IDENTITY, _D.MONEY, **_FUND),
    ),
    **dict.fromkeys(
        ("list_anomalies", "open_anomalies"), _only(_D.HEALTH, _D.IDENTITY, _D.MONEY, **_FUND)
    ),
    "type_amounts": _only(_D.HEALTH, _D.MONEY, **_FUND),
    "list_paper_sheets": _only(_D.HEALTH, _D.IDENTITY, _D.MONEY, **_FUND),
    **dict.fromkeys(
        ("open_receipt", "find_receipt"),
        _only(_D.HEALTH, _D.IDENTITY, _D.MONEY, **_BILLS, **_PRACTICE, **_FUND),
    ),
    "send_care_sheet": _only(_D.HEALTH, _D.MONEY, **_BILLS, **_PRACTICE),
    "plan_reminder": _only(_D.HEALTH, system=_R.ANYONE),
    # An address that reads appointments would outlive a guardian's rights: none is given.
    "share_calendar": _only(_D.HEALTH, person=_R.OWN, psychologist=_R.MY_AGENDA),
    "note_reading": _by_link(_D.HEALTH),
    "stop_sharing": _only(_D.TECHNICAL, person=_R.OWN, psychologist=_R.MY_AGENDA),
    "follow_calendar": _only(_D.TECHNICAL, psychologist=_R.MY_AGENDA),
    "stop_following": _only(_D.TECHNICAL, psychologist=_R.MY_AGENDA),
    "record_busy_times": _only(_D.TECHNICAL, system=_R.ANYONE),
    "join_waiting_list": _open_to_all(_D.HEALTH, _D.IDENTITY),
    "open_wait": _only(_D.HEALTH, **_BY_ITS_LINK),
    "keep_waiting": _only(_D.HEALTH, **_BY_ITS_LINK),
    "leave_waiting_list": _only(_D.HEALTH, **_BY_ITS_LINK),
    "offer_freed_slot": _only(_D.HEALTH, system=_R.ANYONE),
    "open_offer": _only(_D.HEALTH, **_BY_ITS_LINK),
    "answer_offer": _only(_D.HEALTH, **_BY_ITS_LINK),
    "expire_offers": _only(_D.HEALTH, system=_R.ANYONE),
    "request_call_back": _open_to_all(_D.HEALTH, _D.IDENTITY),
    "open_request": _only(_D.HEALTH, anonymous=_R.LINK, person=_R.LINK, guardian=_R.LINK),
    "open_inbox": _only(_D.HEALTH, _D.IDENTITY, **_PRACTICE),
    "answer_request": _only(_D.HEALTH, **_PRACTICE),
    "answer_wait": _only(_D.HEALTH, **_PRACTICE),
    "forget_old_requests": _only(_D.HEALTH, system=_R.ANYONE),
    "begin_session": _own_account(_D.IDENTITY),
    "renew_session": _own_account(_D.IDENTITY),
    "refuse_sign_in": _only(_D.IDENTITY, system=_R.ANYONE),
    "end_session": _own_account(_D.IDENTITY),
    "end_other_sessions": _own_account(_D.IDENTITY),
    "expire_session": _only(_D.IDENTITY, system=_R.ANYONE),
    "ask_for_link": _open_to_all(_D.IDENTITY),
    "follow_link": _by_link(_D.IDENTITY),
    "open_account": _by_link(_D.IDENTITY),
    "forget_old_sign_ins": _only(_D.IDENTITY, system=_R.ANYONE),
    "prepare_totp": _own_account(_D.IDENTITY),
    "confirm_totp": _own_account(_D.IDENTITY),
    "remove_totp": _own_account(_D.IDENTITY),
    "check_code": _own_account(_D.IDENTITY),
    "add_passkey": _own_account(_D.IDENTITY),
    "check_passkey": _by_link(_D.IDENTITY),
    "rename_passkey": _own_account(_D.IDENTITY),
    "remove_passkey": _own_account(_D.IDENTITY),
    "make_recovery_codes": _own_account(_D.IDENTITY),
    "change_password": _own_account(_D.IDENTITY),
    "replace_password": _by_link(_D.IDENTITY),
    "ask_for_new_email": _own_account(_D.IDENTITY),
    "confirm_new_email": _by_link(_D.IDENTITY),
    "begin_recovery": _by_link(_D.IDENTITY),
    "vouch_for_recovery": _only(_D.IDENTITY, system=_R.ANYONE),
    "stop_recovery": _by_link(_D.IDENTITY),
    "finish_recovery": _by_link(_D.IDENTITY),
    "make_api_key": _own_or_system(_D.IDENTITY),
    "revoke_api_key": _own_or_system(_D.IDENTITY),
    "add_account": _only(_D.IDENTITY, system=_R.ANYONE),
    "close_account": _only(_D.IDENTITY, system=_R.ANYONE),
    "reopen_account": _only(_D.IDENTITY, system=_R.ANYONE),
    "change_role": _only(_D.IDENTITY, system=_R.ANYONE),
    "list_accounts": _only(_D.IDENTITY, system=_R.ANYONE),
    "tell_of_majority": _only(_D.IDENTITY, system=_R.ANYONE),
    "pass_majority": _only(_D.IDENTITY, _D.HEALTH, system=_R.ANYONE),
    # The psychologist who sees a young person offers; the link in the own mailbox opens.
    "open_space_offer": _only(_D.IDENTITY, psychologist=_R.MY_PATIENT),
    "offer_own_space": _only(_D.IDENTITY, psychologist=_R.MY_PATIENT),
    "take_own_space": _by_link(_D.IDENTITY),
    "record_guardianship": _only(_D.IDENTITY, system=_R.ANYONE),
    "claim_guardianship": _only(_D.IDENTITY, person=_R.LINK),
    "end_guardianship": _only(_D.IDENTITY, system=_R.ANYONE),
    # Of a pair, and of it alone: steps/measure.py leaves a parent what parents fill in.
    "ask_questionnaire": _only(_D.CLINICAL, psychologist=_R.MY_PATIENT),
    "open_questionnaire": _only(_D.CLINICAL, **_ASKED_BY_LINK),
    "fill_questionnaire": _only(_D.CLINICAL, **_ASKED_BY_LINK),
    "enter_on_paper": _only(_D.CLINICAL, psychologist=_R.MY_PATIENT),
    "open_curve": _only(_D.CLINICAL, **_PATIENT),
    "open_visit_curve": _only(_D.CLINICAL, _D.IDENTITY, psychologist=_R.MY_PATIENT),
    "open_outcome": _only(_D.CLINICAL, **_PATIENT, psychologist=_R.MY_PATIENT),
    "open_unread": _only(_D.CLINICAL, _D.IDENTITY, psychologist=_R.MY_PATIENT),
    "list_unread": _only(_D.CLINICAL, _D.IDENTITY, psychologist=_R.MY_AGENDA),
    "review_outcome": _only(_D.CLINICAL, psychologist=_R.MY_PATIENT),
    "list_wards": _only(_D.IDENTITY, person=_R.OWN, guardian=_R.OWN),
    "act_for": _only(_D.IDENTITY, person=_R.OWN, guardian=_R.OWN),
    "record_replacement": _only(_D.TECHNICAL, psychologist=_R.MY_AGENDA, system=_R.ANYONE),
    "end_replacement": _only(_D.TECHNICAL, psychologist=_R.MY_AGENDA, system=_R.ANYONE),
    "list_replacements": _only(_D.TECHNICAL, psychologist=_R.MY_AGENDA),
    "list_replaced": _only(_D.TECHNICAL, **_PRACTICE),
    "stand_in_for": _only(_D.TECHNICAL, **_PRACTICE),
    # A child's consents: by the appointment, then by each holder's own link.
    "open_child_consents": _only(_D.HEALTH, _D.IDENTITY, **_BY_ITS_LINK, **_PRACTICE),
    "name_holder": _only(_D.IDENTITY, **_BY_ITS_LINK, **_PRACTICE),
    "send_consent_link": _only(_D.IDENTITY, **_BY_ITS_LINK, **_PRACTICE),
    "remove_holder": _only(_D.IDENTITY, **_BY_ITS_LINK, **_PRACTICE),
    "open_consent_link": _only(_D.HEALTH, _D.IDENTITY, **_HOLDER),
    "sign_consent": _only(_D.HEALTH, **_HOLDER),
    "send_paper": _only(_D.IDENTITY, **_HOLDER),
    "open_paper": _only(_D.IDENTITY, **_TREATING),
    "open_signature": _only(_D.HEALTH, _D.IDENTITY, **_HOLDER, **_PRACTICE),
    "record_paper": _only(_D.HEALTH, **_PRACTICE),
    "record_proof": _only(_D.IDENTITY, **_PRACTICE),
    "keep_time": _only(_D.HEALTH, **_PRACTICE),
    "end_unconsented": _only(_D.HEALTH, system=_R.ANYONE),
    "open_booking": _only(_D.HEALTH, **_BY_ITS_LINK, **_PRACTICE),
    "open_year": _only(_D.HEALTH, _D.MONEY, **_BILLS),
    "open_person": _only(_D.IDENTITY, _D.HEALTH, **_FAMILY),
    "open_accesses": _only(_D.HEALTH, _D.IDENTITY, **_PATIENT),
    "change_contact": _only(_D.IDENTITY, **_PATIENT),
    # For oneself only: a day of birth says until when somebody may act for a child.
    "correct_identity": _only(_D.IDENTITY, person=_R.OWN),
    "ask_correction": _only(_D.IDENTITY, **_PATIENT),
    "withdraw_correction": _only(_D.IDENTITY, **_PATIENT),
    "list_own_corrections": _only(_D.IDENTITY, **_PATIENT),
    "list_corrections": _only(_D.IDENTITY, **_FUND),
    "open_correction": _only(_D.IDENTITY, **_FUND),
    "answer_correction": _only(_D.IDENTITY, **_FUND),
    # Rights: read and declared by their person, written by an agent of their fund.
    "open_own_rights": _only(_D.HEALTH, _D.IDENTITY, _D.MONEY, **_PATIENT),
    "declare_right": _only(_D.HEALTH, _D.IDENTITY, **_PATIENT),
    "withdraw_declaration": _only(_D.HEALTH, _D.IDENTITY, **_PATIENT),
    **dict.fromkeys(
        ("find_insured", "admit_insured", "open_rights", "list_declarations", "open_certificate"),
        _only(_D.HEALTH, _D.IDENTITY, _D.MONEY, **_FUND),
    ),
    **dict.fromkeys(("plan_checks", "tell_of_endings"), _only(_D.HEALTH, system=_R.ANYONE)),
    "keep_check": _only(_D.HEALTH, **_FUND, system=_R.ANYONE),
    **dict.fromkeys(
        ("list_checks", "open_check", "settle_check"), _only(_D.HEALTH, _D.IDENTITY, **_FUND)
    ),
    **dict.fromkeys(
        ("open_right", "end_right", "correct_right", "withdraw_right", "answer_declaration"),
        _only(_D.HEALTH, _D.IDENTITY, **_FUND),
    ),
    # Insurers: their own members, what the fund decided in cents, and their own part.
    "list_members": _only(_D.IDENTITY, **_INSURER),
    "write_contract": _only(_D.TECHNICAL, **_INSURER),
    **dict.fromkeys(
        ("begin_members_file", "record_members", "finish_members_file"),
        _only(_D.IDENTITY, **_INSURER, system=_R.ANYONE),
    ),
    **dict.fromkeys(
        ("list_parts", "open_returns", "open_part", "refuse_part"),
        _only(_D.HEALTH, _D.IDENTITY, _D.MONEY, **_INSURER),
    ),
    "settle_part": _only(_D.HEALTH, _D.MONEY, **_INSURER, system=_R.ANYONE),
    # For oneself only: who acts for a child does not erase the child.
    "erase_own_data": _only(_D.HEALTH, _D.IDENTITY, person=_R.OWN),
    "note_backup": _only(_D.TECHNICAL, system=_R.ANYONE),
    "note_restore": _only(_D.TECHNICAL, system=_R.ANYONE),
    "note_key": _only(_D.TECHNICAL, system=_R.ANYONE),
    "remove_expired": _only(_D.HEALTH, _D.IDENTITY, system=_R.ANYONE),
    "open_own_data": _only(_D.HEALTH, _D.IDENTITY, **_PATIENT),
    "download_own_data": _only(_D.HEALTH, _D.CLINICAL, _D.IDENTITY, _D.MONEY, **_PATIENT),
    "add_document": _only(_D.CLINICAL, **_PATIENT),
    "remove_document": _only(_D.HEALTH, **_PATIENT),
    "list_documents": _only(_D.HEALTH, **_PATIENT),
    "list_visit_documents": _only(_D.HEALTH, psychologist=_R.MY_PATIENT),
    "open_document": _only(_D.CLINICAL, **_PATIENT, psychologist=_R.MY_PATIENT),
    # A letter in deposit belongs to nobody yet: its code says whose it is.
    "deposit_letter": _only(_D.CLINICAL, _D.IDENTITY, anonymous=_R.NOBODY, doctor=_R.NOBODY),
    "list_own_letters": _only(_D.CLINICAL, _D.IDENTITY, doctor=_R.MY_ACCOUNT),
    "open_own_letter": _only(_D.CLINICAL, _D.IDENTITY, doctor=_R.MY_ACCOUNT),
    "receive_letter": _only(_D.CLINICAL, _D.IDENTITY, psychologist=_R.MY_PATIENT),
    "list_writings": _only(_D.HEALTH, **_PATIENT),
    "list_visit_writings": _only(_D.HEALTH, psychologist=_R.MY_PATIENT),
    "open_letter": _only(
        _D.HEALTH,
        _D.IDENTITY,
        **_PATIENT,
        **_FUND,
        psychologist=_R.MY_AGENDA,
        doctor=_R.MY_ACCOUNT,
    ),
    # The pair, and the doctor who wrote it, not who replaces. Who acts for a young child: only
    # what was shown to them (steps/write.py).
    "open_writing": _only(
        _D.CLINICAL, **_PATIENT, psychologist=_R.MY_AGENDA, doctor=_R.MY_ACCOUNT
    ),
    "open_showing": _only(_D.CLINICAL, _D.IDENTITY, psychologist=_R.MY_AGENDA),
    "show_writing": _only(_D.CLINICAL, psychologist=_R.MY_AGENDA),
    "hide_writing": _only(_D.CLINICAL, psychologist=_R.MY_AGENDA),
    "prepare_writing": _only(_D.CLINICAL, _D.HEALTH, _D.IDENTITY, psychologist=_R.MY_PATIENT),
    "begin_writing": _only(_D.CLINICAL, _D.IDENTITY, psychologist=_R.MY_PATIENT),
    "rewrite_writing": _only(_D.CLINICAL, psychologist=_R.MY_AGENDA),
    "sign_writing": _only(_D.CLINICAL, psychologist=_R.MY_AGENDA),
    "hand_over_writing": _only(_D.CLINICAL, psychologist=_R.MY_AGENDA),
    "answer_follow_up": _only(_D.CLINICAL, psychologist=_R.MY_AGENDA),
    "open_consents": _only(_D.HEALTH, **_PATIENT),
    "say_consent": _only(_D.HEALTH, **_PATIENT),
    "open_day": _only(_D.HEALTH, _D.IDENTITY, **_PRACTICE),
    "open_line": _only(_D.HEALTH, _D.IDENTITY, **_PRACTICE),
    "list_patients": _only(_D.HEALTH, _D.IDENTITY, **_PRACTICE),
    # A replacement does the daily work; what is said in care stays with the psychologist.
    "open_care": _only(_D.CLINICAL, _D.HEALTH, _D.IDENTITY, psychologist=_R.MY_PATIENT),
    "open_own_care": _only(
        _D.CLINICAL, _D.HEALTH, person=_R.OWN, guardian=(_R.MY_WARD, _R.MY_TEENAGER)
    ),
    "plan_care": _only(_D.CLINICAL, _D.HEALTH, psychologist=_R.MY_PATIENT),
    "say_goals": _only(_D.CLINICAL, person=_R.OWN, psychologist=_R.MY_AGENDA),
    "write_review": _only(_D.CLINICAL, psychologist=_R.MY_AGENDA),
    "end_care": _only(_D.CLINICAL, _D.HEALTH, psychologist=_R.MY_AGENDA),
    "open_hand_over": _only(_D.CLINICAL, _D.HEALTH, **_PATIENT),
    "agree_hand_over": _only(_D.CLINICAL, _D.HEALTH, **_PATIENT),
    "withdraw_hand_over": _only(_D.CLINICAL, _D.HEALTH, **_PATIENT),
    # One's own notes: their author alone.
    "list_notes": _only(_D.CLINICAL, psychologist=_R.MY_PATIENT),
    "open_note": _only(_D.CLINICAL, psychologist=_R.MY_AGENDA),
    "write_note": _only(_D.CLINICAL, psychologist=_R.MY_PATIENT),
    "remove_note": _only(_D.CLINICAL, psychologist=_R.MY_AGENDA),
    "export_notes": _only(_D.CLINICAL, psychologist=_R.MY_PATIENT),
    "open_care_sheet": _only(_D.HEALTH, _D.IDENTITY, _D.MONEY, **_BILLS, **_PRACTICE, **_FUND),
    "open_claim": _only(_D.HEALTH, _D.IDENTITY, _D.MONEY, **_BILLS, **_PRACTICE, **_FUND),
    "list_work": _only(_D.HEALTH, _D.IDENTITY, _D.MONEY, **_FUND),
    "next_work": _only(_D.MONEY, **_FUND),
    "list_claims": _only(
        _D.HEALTH, _D.IDENTITY, _D.MONEY, **_BILLS, **_FUND, psychologist=_R.MY_AGENDA
    ),
    # Where one is paid is one's own: neither who acts for a child nor who replaces says it.
    "give_bank_detail": _only(_D.IDENTITY, _D.MONEY, person=_R.OWN, psychologist=_R.MY_AGENDA),
    "open_bank_detail": _only(_D.IDENTITY, _D.MONEY, person=_R.OWN, psychologist=_R.MY_AGENDA),
    "list_bank_details": _only(_D.IDENTITY, _D.MONEY, **_FUND),
    "answer_bank_detail": _only(_D.IDENTITY, _D.MONEY, **_FUND),
    "keep_payer": _only(_D.TECHNICAL, system=_R.ANYONE),
    "open_money_desk": _only(_D.MONEY, **_PAYER),
    "prepare_order": _only(_D.MONEY, **_PAYER),
    "release_order": _only(_D.MONEY, **_PAYER),
    "withdraw_order": _only(_D.MONEY, **_PAYER),
    "export_order": _only(_D.IDENTITY, _D.MONEY, **_PAYER, system=_R.ANYONE),
    "read_bank_lines": _only(_D.MONEY, **_PAYER, system=_R.ANYONE),
    "list_gaps": _only(_D.MONEY, **_PAYER, system=_R.ANYONE),
    "list_undue": _only(_D.IDENTITY, _D.MONEY, **_PAYER),
    "record_recovery": _only(_D.MONEY, **_PAYER),
    "follow_money": _only(_D.MONEY, **_BILLS),
    "open_income": _only(_D.MONEY, psychologist=_R.MY_AGENDA),
    "open_statement": _only(_D.MONEY, **_PATIENT, **_PAYER, psychologist=_R.MY_AGENDA),
    # What towns publish: everybody reads it; an author writes it, an editor answers for it.
    **dict.fromkeys(
        ("open_portal", "search_contents", "read_content", "list_towns", "check_contents"),
        _open_to_all(_D.PUBLIC),
    ),
    **dict.fromkeys(
        ("list_contents", "open_content", "add_content", "rewrite_content", "return_to_version"),
        _only(_D.PUBLIC, **_NEWSROOM),
    ),
    **dict.fromkeys(
        (
            *("publish_content", "withdraw_content", "move_content"),
            *("trash_content", "untrash_content", "open_town", "arrange_town"),
        ),
        _only(_D.PUBLIC, **_EDITOR),
    ),
    "settle_town": _only(_D.PUBLIC, system=_R.ANYONE),
    "index_contents": _only(_D.TECHNICAL, system=_R.ANYONE),
}


class Ties(frozenset[Relation]):
    """The relations of an actor to a thing, and the person whose thing it is."""

    person_id: int | None

    def __new__(cls, found: Iterable[Relation] = (), *, person_id: int | None = None) -> Ties:
        ties = super().__new__(cls, found)
        ties.person_id = person_id
        return ties


def relations(
    actor: Actor,
    *,
    person_id: int | None = None,
    psychologist_id: int | None = None,
    fund_code: str = "",
    insurer_code: str = "",
    town_code: str = "",
    account_id: int | None = None,
    by_link: bool = False,
    treats: bool = False,
) -> Ties:
    """What ties an actor to a thing that belongs to these people; nobody is tied to None.

    ``by_link`` says that the actor gave the thing's unguessable address, ``treats`` that the
    actor has a live booking or a session with the person.
    """
    found = {Relation.ANYONE}
    if by_link:
        found.add(Relation.LINK)
    if person_id is None:
        found.add(Relation.NOBODY)
    elif actor.on_behalf_of == person_id:
        found.add(Relation(actor.acts_as))
    elif actor.on_behalf_of is None and actor.person_id == person_id:
        # Whoever acts for a child acts for nobody else meanwhile, not even for themselves.
        found.add(Relation.OWN)
    if psychologist_id is not None and actor.psychologist_id == psychologist_id:
        found.add(Relation.MY_AGENDA)
        if person_id is None:
            found.add(Relation.MY_NEWCOMER)
    if treats and actor.psychologist_id is not None:
        found.add(Relation.MY_PATIENT)
    if actor.fund_code and fund_code == actor.fund_code:
        found.add(Relation.MY_FUND)
    if actor.insurer_code and insurer_code == actor.insurer_code:
        found.add(Relation.MY_MEMBERS)
    if actor.town_code and town_code == actor.town_code:
        found.add(Relation.MY_TOWN)
    if account_id is not None and actor.account_id == account_id:
        found.add(Relation.MY_ACCOUNT)
    return Ties(found, person_id=person_id)


def without(ties: Ties, *lost: Relation) -> Ties:
    """The same ties less some, where the thing itself closes what the table would open."""
    return Ties(ties - set(lost), person_id=ties.person_id)


def allow(actor: Actor, step: str, ties: Collection[Relation] = (Relation.ANYONE,)) -> None:
    """Returns when the table opens the step to this role and tie; else Refusal(not_allowed).

    The refusal says the same whether the thing exists or not. Clinical data stays closed to the
    roles of NEVER_CLINICAL, even by a row written wrongly.
    """
    if isinstance(ties, Ties):
        concerning(ties.person_id)
    rule = RULES.get(step)
    opened_by = rule.roles.get(actor.role, frozenset()) if rule else frozenset()
    never = rule is not None and Data.CLINICAL in rule.data and actor.role in NEVER_CLINICAL
    if never or opened_by.isdisjoint(ties):
        raise Refusal("not_allowed", step=step, role=actor.role)
