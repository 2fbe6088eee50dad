"""How each address is opened: one table, by the name of the route. What is not here is refused.

A row names the steps an address takes to read and to write, and for pages of one's own space the
roles they are made for. The table of steps (steps/permissions.py) has the last word: these roles
narrow it, they never widen it. tests/proof/test_access_matrix.py tries every cell.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse

log = logging.getLogger(__name__)


class Door(StrEnum):
    """What an address asks of whoever opens it."""

    PUBLIC = "public"  # nothing: it says the same to everybody
    LINK = "link"  # to know it: its last part cannot be guessed
    BROWSER = "browser"  # to be the browser that began: a time kept, a form half filled
    ROLES = "roles"  # to have signed in (or just booked) in one of its roles
    ACCOUNT = "account"  # to have signed in, in any role: it is about one's own account
    KEY = "key"  # to send a key of an account: for programs, whatever a browser may hold
    DEMO = "demo"  # to be in the demo, where everybody is made up


class Access(NamedTuple):
    """One address: what it asks, the steps it takes, the roles it is made for."""

    door: Door
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    posts: bool = False
    gets: bool = True
    # A browser that only booked does not do: it never proved who it is.
    needs_account: bool = False


def _open(door: Door, *reads: str, writes: tuple[str, ...] = (), posts: bool = False) -> Access:
    return Access(door, reads, writes, posts=posts or bool(writes))


def _roles(
    roles: tuple[str, ...], *reads: str, writes: tuple[str, ...] = (), posts: bool = False
) -> Access:
    return Access(Door.ROLES, reads, writes, frozenset(roles), posts or bool(writes))


def _account_of(roles: tuple[str, ...], *reads: str, writes: tuple[str, ...] = ()) -> Access:
    return _roles(roles, *reads, writes=writes)._replace(needs_account=True)


_PERSON = ("person", "guardian")
_PRACTICE = ("psychologist", "replacement")
_FUND = ("fund_agent", "fund_supervisor")
_INSURER = ("insurer_agent",)
_NEWSROOM = ("town_editor", "town_author")
# Who pays: each its own part.
_PAYER = (*_FUND, *_INSURER)
_DAYS = ("add_absence", "remove_absence", "open_once", "close_once", "remove_exception")

ACCESS: Mapping[str, Access] = {
    # Machines
    "health": _open(Door.PUBLIC),
    "ready": _open(Door.PUBLIC),
    # It asks for a token or a network of its own.
    "metrics": _open(Door.PUBLIC),
    "robots": _open(Door.PUBLIC),
    # How long the browser's own session holds; 0 to anybody else.
    "session_left": _open(Door.PUBLIC),
    "security_txt": _open(Door.PUBLIC),
    "calendar_feed": _open(Door.LINK, "note_reading"),
    # Programs, with a key of an account or without (doors/api)
    "api_places": _open(Door.PUBLIC),
    "api_psychologists": _open(
        Door.PUBLIC, "find_psychologists", "find_in_departement", "find_by_name"
    ),
    "api_psychologist": _open(Door.PUBLIC, "psychologist_page"),
    "api_slots": _open(Door.PUBLIC, "psychologist_page"),
    "api_decide": _open(Door.PUBLIC, posts=True),
    "api_openapi": _open(Door.PUBLIC),
    "api_nothing": _open(Door.PUBLIC),
    "api_hold": _open(Door.KEY, writes=("hold_slot",)),
    "api_confirm": _open(Door.KEY, writes=("confirm_booking",)),
    "api_cancel": _open(Door.KEY, writes=("cancel_booking",)),
    "api_move": _open(Door.KEY, writes=("move_booking",)),
    "api_send": _open(Door.KEY, writes=("send_care_sheet",)),
    "api_claim": _open(Door.KEY, "open_claim"),
    "api_year": _open(Door.KEY, "open_year"),
    # For everybody
    "home": _open(Door.PUBLIC),
    "understand": _open(Door.PUBLIC),
    "self_check": _open(Door.PUBLIC),
    "self_check_answer": _open(Door.PUBLIC, "what_will_i_pay", posts=True),
    "self_check_easy": _open(Door.PUBLIC),
    "self_check_easy_answer": _open(Door.PUBLIC, "what_will_i_pay", posts=True),
    "pay": _open(Door.PUBLIC, "what_will_i_pay"),
    "find": _open(Door.PUBLIC, "find_psychologists", "find_in_departement", "find_by_name"),
    "psychologist": _open(Door.PUBLIC, "psychologist_page"),
    "report_availability": _open(
        Door.PUBLIC, "psychologist_page", writes=("report_availability",)
    ),
    "help": _open(Door.PUBLIC),
    "legal": _open(Door.PUBLIC),
    "privacy": _open(Door.PUBLIC),
    "terms_of_use": _open(Door.PUBLIC),
    "accessibility": _open(Door.PUBLIC),
    "law": _open(Door.PUBLIC),
    "law_changes": _open(Door.PUBLIC),
    "sign_in": _open(Door.PUBLIC, posts=True),
    "sign_out": _open(Door.PUBLIC, posts=True),
    "join_around": _open(Door.PUBLIC, "open_person", writes=("join_waiting_list",)),
    "join_for_one": _open(
        Door.PUBLIC, "psychologist_page", "open_person", writes=("join_waiting_list",)
    ),
    "call_back": _open(Door.PUBLIC, "psychologist_page", writes=("request_call_back",)),
    # A time kept by one browser, then an appointment by its link
    "book_slot": _open(Door.PUBLIC, "psychologist_page", "open_person", writes=("hold_slot",)),
    "book_who": _open(Door.BROWSER, "open_booking", posts=True),
    "book_check": _open(Door.BROWSER, "open_booking", writes=("confirm_booking",)),
    "booking": _open(Door.LINK, "open_booking", "open_child_consents"),
    "booking_calendar": _open(Door.LINK, "open_booking"),
    "booking_cancel": _open(Door.LINK, "open_booking", writes=("cancel_booking",)),
    "booking_move": _open(Door.LINK, "open_booking", writes=("move_booking",)),
    # A child's consents: by the appointment, then by each holder's own link
    "booking_consents": _open(
        Door.LINK,
        "open_child_consents",
        "open_booking",
        writes=("name_holder", "send_consent_link", "remove_holder"),
    ),
    "consent_link": _open(
        Door.LINK,
        "open_consent_link",
        writes=("sign_consent", "claim_guardianship", "send_paper"),
    ),
    "consent_paper": _open(Door.LINK, "open_signature"),
    "waiting_place": _open(Door.LINK, "open_wait", writes=("keep_waiting", "leave_waiting_list")),
    "waiting_offer": _open(Door.LINK, "open_offer", writes=("answer_offer",)),
    "waiting_request": _open(Door.LINK, "open_request"),
    "confirm_entry": _open(Door.LINK, "open_confirmation", writes=("answer_confirmation",)),
    # The person's space, and a child's
    "year": _roles(_PERSON, "open_year"),
    "book_follow_up": _roles(_PERSON, "psychologist_page"),
    "plan": _roles(_PERSON, "propose_plan", writes=("book_plan",)),
    "claim_person": _roles(_PERSON, "open_claim"),
    "claim_contest": _roles(_PERSON, "open_claim", writes=("contest_decision",)),
    "own_calendar": _roles(
        ("person",), "share_calendar", writes=("share_calendar", "stop_sharing")
    ),
    # The practice
    "day": _roles(_PRACTICE, "open_day", "list_unread"),
    "day_of": _roles(_PRACTICE, "open_day", "list_unread"),
    "add_visit": _roles(_PRACTICE, "list_patients", writes=("overbook_slot",)),
    "close": _roles(_PRACTICE, "open_line", writes=("close_session",)),
    "correct_visit": _roles(_PRACTICE, "open_line", writes=("correct_session",)),
    "cancel_visit": _roles(_PRACTICE, "open_line", writes=("cancel_booking",)),
    "visit_consents": _roles(
        _PRACTICE,
        "open_child_consents",
        "open_booking",
        writes=(
            *("name_holder", "send_consent_link", "remove_holder"),
            *("record_paper", "record_proof", "keep_time"),
        ),
    ),
    "holder_paper": _roles(_PRACTICE, "open_paper"),
    "visit_signature": _roles(_PRACTICE, "open_signature"),
    "inbox": _roles(_PRACTICE, "open_inbox"),
    "inbox_line": _roles(_PRACTICE, "open_inbox", writes=("answer_request", "answer_wait")),
    "week": _roles(("psychologist",), "arrange_week", writes=("arrange_week",)),
    "days_that_differ": _roles(("psychologist",), "add_absence", writes=_DAYS),
    "replacements": _roles(
        ("psychologist",), "list_replacements", writes=("record_replacement", "end_replacement")
    ),
    "calendars_of_practice": _roles(
        ("psychologist",),
        "share_calendar",
        writes=("share_calendar", "stop_sharing", "follow_calendar", "stop_following"),
    ),
    # Care sheets and claims
    "sheet": _roles((*_PERSON, *_PRACTICE, *_FUND), "open_care_sheet"),
    "sheet_pdf": _roles((*_PERSON, *_PRACTICE, *_FUND), "open_care_sheet"),
    "own_accounts": _roles(("psychologist",), "open_accounting"),
    "sheet_json": _roles((*_PERSON, *_PRACTICE, *_FUND), "open_care_sheet"),
    "gather_sheet": _roles(_PRACTICE, "open_care_sheet", writes=("issue_one_sheet",)),
    "send_sheet": _roles((*_PERSON, *_PRACTICE), "open_care_sheet", writes=("send_care_sheet",)),
    "fund_claims": _roles(_FUND, "list_claims"),
    "fund_papers": _roles(_FUND, "list_paper_sheets"),
    "fund_paper_begin": _roles(_FUND, "open_paper_sheet", writes=("type_paper",)),
    "fund_paper": _roles(
        _FUND, "open_paper_sheet", writes=("type_amounts", "decide_paper", "return_paper")
    ),
    "fund_paper_again": _roles(_FUND, "open_paper_sheet", writes=("retype_paper",)),
    "receipts": _roles((*_PERSON, *_PRACTICE, *_FUND), "find_receipt", posts=True),
    "receipt": _roles((*_PERSON, *_PRACTICE, *_FUND), "open_receipt"),
    "fund_work": _roles(_FUND, "list_work", "next_work"),
    "fund_next": _roles(_FUND, "next_work"),
    "fund_anomalies": _roles(_FUND, "list_anomalies"),
    "fund_claim": _roles(
        _FUND, "open_claim", "open_anomalies", writes=("review_refusal", "answer_contest")
    ),
    # Money
    "own_bank": _account_of(
        ("person", "psychologist"), "open_bank_detail", writes=("give_bank_detail",)
    ),
    "own_money": _account_of(_PERSON, "follow_money"),
    "income": _roles(("psychologist",), "open_income"),
    "income_reminder": _roles(("psychologist",), "open_income"),
    "own_statement": _account_of((*_PERSON, "psychologist", *_PAYER), "open_statement"),
    "fund_money": _roles(_PAYER, "open_money_desk", writes=("prepare_order",)),
    "fund_order": _roles(_PAYER, writes=("release_order", "withdraw_order")),
    "fund_order_file": _roles(_PAYER, "export_order"),
    "fund_undue": _roles(_PAYER, "list_undue", writes=("record_recovery",)),
    "fund_undue_letters": _roles(_PAYER, "list_undue"),
    "fund_bank": _roles(_PAYER, "list_gaps", writes=("read_bank_lines",)),
    "fund_accounts": _roles(_FUND, "list_bank_details", writes=("answer_bank_detail",)),
    "fund_corrections": _roles(_FUND, "list_corrections"),
    "fund_correction": _roles(_FUND, "open_correction", writes=("answer_correction",)),
    # Rights
    "own_rights": _account_of(
        _PERSON, "open_own_rights", writes=("declare_right", "withdraw_declaration")
    ),
    "fund_rights": _roles(_FUND, "list_declarations", writes=("find_insured",)),
    "fund_admit": _roles(_FUND, writes=("admit_insured",)),
    "fund_person_rights": _roles(
        _FUND, "open_rights", writes=("open_right", "decide_person_again")
    ),
    "fund_right": _roles(
        _FUND, "open_rights", writes=("end_right", "correct_right", "withdraw_right")
    ),
    "fund_checks": _roles(_FUND, "list_checks"),
    "fund_check": _roles(_FUND, "open_check", writes=("settle_check",)),
    "fund_ask_rights": _roles(_FUND, writes=("open_rights", "keep_check")),
    "fund_declaration": _roles(_FUND, "list_declarations", writes=("answer_declaration",)),
    "fund_certificate": _roles(_FUND, "open_certificate"),
    # Insurers
    "insurer_parts": _roles(_INSURER, "list_parts", writes=("settle_part",)),
    "insurer_part": _roles(_INSURER, "open_part", writes=("settle_part", "refuse_part")),
    "insurer_returns": _roles(_INSURER, "open_returns"),
    "insurer_members": _roles(
        _INSURER,
        "list_members",
        writes=("begin_members_file", "record_members", "finish_members_file"),
    ),
    "insurer_contracts": _roles(_INSURER, writes=("write_contract",)),
    # For whom one acts
    "acting": _roles(
        (*_PERSON, *_PRACTICE),
        "list_wards",
        "list_replaced",
        writes=("act_for", "stand_in_for"),
    ),
    # What is kept of oneself, and who looked at it
    "own_accesses": _roles(_PERSON, "open_accesses"),
    "own_data": _account_of(_PERSON, "open_own_data"),
    "own_consents": _account_of(_PERSON, "open_consents", writes=("say_consent",)),
    "own_contact": _account_of(_PERSON, "open_own_data", writes=("change_contact",)),
    "own_identity": _account_of(("person",), "open_own_data", writes=("correct_identity",)),
    "own_correction": _account_of(
        _PERSON,
        "list_own_corrections",
        "open_own_data",
        writes=("ask_correction", "withdraw_correction"),
    ),
    "own_erase": _account_of(("person",), "open_own_data", writes=("erase_own_data",)),
    "own_data_json": _account_of(_PERSON, "download_own_data"),
    "own_data_pdf": _account_of(_PERSON, "download_own_data"),
    "own_data_zip": _account_of(_PERSON, "download_own_data"),
    # Papers for the psychologist
    "own_documents": _account_of(
        _PERSON, "list_documents", "list_writings", writes=("add_document", "remove_document")
    ),
    "document": _account_of((*_PERSON, "psychologist"), "open_document"),
    "visit_documents": _roles(("psychologist",), "list_visit_documents"),
    # What is written in care: doctors' letters, documents of the pair
    "doctor_letter": _open(Door.PUBLIC, writes=("deposit_letter",)),
    "doctor_letter_pdf": _open(Door.PUBLIC, posts=True),
    "own_letters": _roles(("doctor",), "list_own_letters"),
    "own_letter_pdf": _roles(("doctor",), "open_own_letter"),
    **dict.fromkeys(
        ("letter", "letter_pdf", "letter_json"),
        _account_of((*_PERSON, "psychologist", "doctor", *_FUND), "open_letter"),
    ),
    **dict.fromkeys(
        ("writing", "writing_pdf", "writing_json"),
        _account_of((*_PERSON, "psychologist", "doctor"), "open_writing"),
    ),
    "writing_parents": _roles(
        ("psychologist",), "open_showing", writes=("show_writing", "hide_writing")
    ),
    "write": _roles(("psychologist",), "prepare_writing", writes=("begin_writing",)),
    "blank_form_pdf": _roles(("psychologist",), "prepare_writing"),
    "rewrite": _roles(
        ("psychologist",), "open_writing", writes=("rewrite_writing", "sign_writing")
    ),
    "hand_over": _roles(
        ("psychologist",), "open_writing", writes=("hand_over_writing", "answer_follow_up")
    ),
    "visit_writings": _roles(("psychologist",), "list_visit_writings", writes=("receive_letter",)),
    # Questionnaires of a pair
    "questionnaire": _open(Door.LINK, "open_questionnaire", writes=("fill_questionnaire",)),
    "own_measures": _account_of(_PERSON, "open_curve"),
    "outcome": _account_of(_PERSON, "open_outcome"),
    "unread": _roles(("psychologist",), "list_unread"),
    "review": _roles(("psychologist",), "open_unread", writes=("review_outcome",)),
    "visit_measures": _roles(("psychologist",), "open_visit_curve", writes=("ask_questionnaire",)),
    "paper": _roles(("psychologist",), "open_visit_curve", writes=("enter_on_paper",)),
    # What is said in care: the two of the pair
    "patients": _roles(("psychologist",), "list_patients"),
    "care": _roles(
        ("psychologist",),
        "open_care",
        writes=("plan_care", "say_goals", "write_review", "end_care"),
    ),
    "patient_space": _roles(("psychologist",), "open_space_offer", writes=("offer_own_space",)),
    "notes": _roles(("psychologist",), "list_notes", writes=("write_note",)),
    "note": _roles(("psychologist",), "open_note", writes=("write_note", "remove_note")),
    "notes_pdf": _roles(("psychologist",), "export_notes"),
    "notes_text": _roles(("psychologist",), "export_notes"),
    "pass_on": _account_of(
        _PERSON, "open_hand_over", writes=("agree_hand_over", "withdraw_hand_over")
    ),
    "own_care": _account_of(_PERSON, "open_own_care", writes=("say_goals",)),
    # Towns: read by everybody, written by their newsroom
    "town_list": _open(Door.PUBLIC, "list_towns"),
    "town_home": _open(Door.PUBLIC, "open_portal"),
    "town_search": _open(Door.PUBLIC, "open_portal", "search_contents", "find_by_name"),
    "town_page": _open(Door.PUBLIC, "read_content"),
    "town_event": _open(Door.PUBLIC, "read_content"),
    "town_feed": _open(Door.PUBLIC, "open_portal"),
    "town_colours": _open(Door.PUBLIC),
    "block": _open(Door.PUBLIC),
    "block_colours": _open(Door.PUBLIC),
    "block_script": _open(Door.PUBLIC),
    "sitemap": _open(Door.PUBLIC, "list_towns"),
    "desk": _roles(_NEWSROOM, "list_contents"),
    "desk_trash": _roles(_NEWSROOM, "list_contents"),
    "desk_new": _roles(_NEWSROOM, "list_contents", writes=("add_content",)),
    "desk_shown": _roles(_NEWSROOM, "list_contents", posts=True),
    "desk_write": _roles(_NEWSROOM, "open_content", writes=("rewrite_content",)),
    "desk_preview": _roles(_NEWSROOM, "open_content"),
    "desk_versions": _roles(_NEWSROOM, "open_content", writes=("return_to_version",)),
    "desk_publish": _roles(
        ("town_editor",),
        writes=(
            *("publish_content", "withdraw_content", "move_content"),
            *("trash_content", "untrash_content"),
        ),
    ),
    "desk_town": _roles(("town_editor",), "open_town", writes=("arrange_town",)),
    # Signing in, and one's own account
    "second_factor": _open(Door.BROWSER, writes=("check_code", "check_passkey")),
    "passkey_sign_in": _open(Door.PUBLIC, writes=("check_passkey",)),
    "ask_link": _open(Door.PUBLIC, writes=("ask_for_link",)),
    "link_sent": _open(Door.PUBLIC),
    "open_link": _open(Door.LINK, writes=("follow_link",)),
    "join": _open(Door.PUBLIC, writes=("ask_for_link",)),
    "join_finish": _open(Door.LINK, writes=("open_account",)),
    "open_own_space": _open(Door.LINK, writes=("take_own_space",)),
    "confirm_email": _open(Door.LINK, writes=("confirm_new_email",)),
    "forgot_password": _open(Door.PUBLIC, writes=("ask_for_link",)),
    "reset_password": _open(Door.LINK, writes=("replace_password",)),
    "recover": _open(Door.PUBLIC, writes=("ask_for_link",)),
    "open_recovery": _open(Door.LINK, writes=("begin_recovery",)),
    "stop_recovery": _open(Door.LINK, writes=("stop_recovery",)),
    "finish_recovery": _open(Door.LINK, writes=("finish_recovery",)),
    "security": _open(Door.ACCOUNT),
    "security_prove": _open(Door.ACCOUNT, writes=("check_code", "check_passkey")),
    "security_password": _open(Door.ACCOUNT, writes=("change_password",)),
    "security_email": _open(Door.ACCOUNT, writes=("ask_for_new_email",)),
    "security_start": _open(Door.ACCOUNT),
    "security_totp": _open(Door.ACCOUNT, writes=("prepare_totp", "confirm_totp", "remove_totp")),
    "security_passkeys": _open(Door.ACCOUNT, writes=("add_passkey",)),
    "security_passkey": _open(Door.ACCOUNT, writes=("rename_passkey", "remove_passkey")),
    "security_codes": _open(Door.ACCOUNT, writes=("make_recovery_codes",)),
    "security_codes_file": _open(Door.ACCOUNT, posts=True),
    "security_end_others": _open(Door.ACCOUNT, writes=("end_other_sessions",)),
    "security_end_one": _open(Door.ACCOUNT, writes=("end_session",)),
    "security_api_keys": _open(Door.ACCOUNT, writes=("make_api_key", "revoke_api_key")),
    # An identity held elsewhere
    "identity_start": _open(Door.PUBLIC, "ask_provider"),
    "identity_answer": _open(Door.BROWSER, "take_answer"),
    "identity_open_account": _open(Door.BROWSER, writes=("open_account_with_identity",)),
    "identity_farewell": _open(Door.PUBLIC),
    "identities": _open(Door.ACCOUNT, "open_identities"),
    "identity_confirm": _open(Door.BROWSER, writes=("link_identity",)),
    "identity_unlink": _open(Door.ACCOUNT, writes=("unlink_identity",)),
    "identity_link": _open(Door.ACCOUNT, "ask_provider"),
    # The demo, and whoever develops
    "pretend_authorize": _open(Door.DEMO, posts=True),
    "pretend_logout": _open(Door.DEMO, posts=True),
    "pretend_machine": _open(Door.DEMO, posts=True),
    "mailbox": _open(Door.DEMO),
    "mailbox_calendar": _open(Door.DEMO),
    "gallery": _open(Door.PUBLIC),
}


# Written to from another page, never opened.
_ONLY_POSTED = (
    *("doctor_letter_pdf", "fund_order", "fund_ask_rights"),
    *("desk_shown", "desk_publish"),
    *("sign_out", "send_sheet", "security_codes_file", "security_end_others", "security_end_one"),
    "doctor_letter_pdf",
    *(
        "sign_out",
        "send_sheet",
        "gather_sheet",
        "security_codes_file",
        "security_end_others",
        "security_end_one",
    ),
    *("identity_open_account", "identity_unlink"),
    *("api_decide", "api_hold", "api_confirm", "api_cancel", "api_move", "api_send"),
)
ACCESS = {name: access._replace(gets=name not in _ONLY_POSTED) for name, access in ACCESS.items()}


def readers(route: str) -> frozenset[str]:
    """The roles that a page of one's own space is made for; nobody when it is not in the table."""
    found = ACCESS.get(route)
    return found.roles if found else frozenset()


def needs_account(route: str) -> bool:
    """Whether a page opens to nobody who only booked."""
    found = ACCESS.get(route)
    return found is not None and found.needs_account


class DeclaredOnly:
    """An address that the table does not know is no address: it is refused before its view."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        name = request.resolver_match.url_name if request.resolver_match else None
        if name not in ACCESS:
            log.error("The address %r has no row in doors/web/access.py: refused.", name)
            raise Http404
