"""A second reading of the law, to check the first: naive, slow, and written apart from it.

One function per rule, in the order of the rule book, on the plain dictionaries of
``cases.json``. Days are ``datetime.date``, amounts are cents. The numbers of the law are typed
here once more, on purpose: a slip in the programme's own terms cannot hide in a second
reading that would borrow them. Nothing of ``soutien`` may be imported here.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

Case = dict[str, Any]

REFUSALS_IN_ORDER = (
    "before_programme_start",
    "no_health_insurance_rights",
    "age_below_minimum",
    "non_inclusion_psychiatric",
    "psychologist_not_conventioned",
    "convention_suspended",
    "act_not_performed",
    "evaluation_must_be_in_person",
    "act_code_mismatch",
    "referral_missing",
    "referrer_not_allowed",
    "referral_dated_after_session",
    "referral_expired",
    "duplicate_claim",
    "same_day_session",
    "double_funding",
    "evaluation_missing",
    "evaluation_already_billed",
    "annual_cap_reached",
    "price_not_regulated",
    "care_sheet_incomplete",
    "claim_time_barred",
)

COVERAGES = (
    "standard_60_40",
    "local_regime_90_10",
    "full_coverage_css",
    "full_coverage_ame",
    "full_coverage_ald",
    "full_coverage_maternity",
    "full_coverage_at_mp",
    "full_coverage_invalidity",
)

WARNINGS_IN_ORDER = (
    "year_rollover_no_evaluation",
    "transition_period_2024",
    "late_third_party_submission",
    "third_party_accident_declared",
    "uncapped_minor_ald",
)


# --- Days ---------------------------------------------------------------------------------


def day_of(text: str) -> date:
    """A civil day from its ISO form."""
    return date.fromisoformat(text)


# keep the day number; if the month has no such day, take its last day.
def months_later(start: date, months: int) -> date:
    month_index = start.year * 12 + (start.month - 1) + months
    year, month = month_index // 12, month_index % 12 + 1
    last_day_of_month = calendar.monthrange(year, month)[1]
    return date(year, month, min(start.day, last_day_of_month))


# same for anniversaries and birthdays.
def years_later(start: date, years: int) -> date:
    return months_later(start, 12 * years)


# exoneration, convention, suspension and psychiatric dates are inclusive; null = open.
def runs_on(item: dict[str, Any], day: date) -> bool:
    if day < day_of(item["from"]):
        return False
    return item.get("to") is None or day <= day_of(item["to"])


# --- What a case says ---------------------------------------------------------------------


def session_day(case: Case) -> date:
    """R-120: the date of the act is the anchor of every rule."""
    return day_of(case["claim"]["date"])


def is_operational(case: Case) -> bool:
    """R-200: operational is the default profile, the other one is legal."""
    return bool(case.get("rule_profile", "operational") == "operational")


def is_evaluation(item: dict[str, Any]) -> bool:
    return bool(item["kind"] == "evaluation")


def has_open_right(case: Case, kind: str) -> bool:
    """Whether an exoneration of this kind runs on the day of the session."""
    rights = case["patient"].get("exonerations") or []
    return any(r["kind"] == kind and runs_on(r, session_day(case)) for r in rights)


def is_under(case: Case, years: int) -> bool:
    """Whether the patient has not yet reached this birthday on the day of the session."""
    return session_day(case) < years_later(day_of(case["patient"]["birth_date"]), years)


def psychologist_of(case: Case) -> dict[str, Any]:
    """R-217: an unknown psychologist id means no convention."""
    known: dict[str, dict[str, Any]] = case["psychologists"]
    return known.get(case["claim"]["psychologist"], {})


def all_paid(case: Case) -> list[dict[str, Any]]:
    """R-213: statuses other than paid are ignored everywhere."""
    return [h for h in case.get("history") or [] if h.get("status", "paid") == "paid"]


def paid_in_scheme(case: Case) -> list[dict[str, Any]]:
    """R-061, R-213: sessions paid under this scheme, all psychologists together."""
    return [
        h for h in all_paid(case) if h.get("programme", "mon-soutien-psy") == "mon-soutien-psy"
    ]


def paid_evaluation_days(case: Case) -> list[date]:
    return sorted(day_of(h["date"]) for h in paid_in_scheme(case) if is_evaluation(h))


def refuse_input_errors(case: Case) -> None:
    """R-217: other values of regime and of modality are input errors (ValueError)."""
    regimes = ("general", "msa", "regime_local_alsace_moselle", "special", None)
    if case["patient"]["regime"] not in regimes:
        raise ValueError(f"Unknown regime: {case['patient']['regime']!r}.")
    for item in [case["claim"], *(case.get("history") or [])]:
        if item["kind"] not in ("evaluation", "follow_up"):
            raise ValueError(f"Unknown kind: {item['kind']!r}.")
        if item["modality"] not in ("in_person", "remote"):
            raise ValueError(f"Unknown modality: {item['modality']!r}.")


# --- A. Who is covered --------------------------------------------------------------------


# three or older on the day; the third birthday itself qualifies.
def age_below_minimum(case: Case) -> bool:
    return is_under(case, 3)


# affiliated to a scheme, or holds AME.
def no_health_insurance_rights(case: Case) -> bool:
    return case["patient"]["regime"] is None and not has_open_right(case, "ame")


# last covered day = eve of (receipt of the resignation + 2 months).
def convention_covers(convention: dict[str, Any], day: date) -> bool:
    received = convention.get("resignation_received_on")
    if received is not None and day >= months_later(day_of(received), 2):
        return False
    return runs_on(convention, day)


# under convention on the day of the session.
def psychologist_not_conventioned(case: Case) -> bool:
    conventions = psychologist_of(case).get("conventions") or []
    return not any(convention_covers(c, session_day(case)) for c in conventions)


# sessions count from 5 April 2022.
def before_programme_start(case: Case) -> bool:
    return session_day(case) < date(2022, 4, 5)


# --- B. Non-inclusion ---------------------------------------------------------------------


# which situations concern this patient, by the age on the day of the session.
def psychiatric_kind_concerns(case: Case, kind: str) -> bool:
    if kind == "psychiatric_ald":
        return True
    if kind in ("psychiatric_invalidity", "psychiatric_sick_leave"):
        return not is_under(case, 18)
    if kind == "child_psychiatry_follow_up":
        return is_under(case, 18)
    return False


# a leave counts if the earlier of its end and the session is after start + 6 months.
def sick_leave_is_long(leave: dict[str, Any], day: date) -> bool:
    reached = day if leave.get("to") is None else min(day_of(leave["to"]), day)
    return reached > months_later(day_of(leave["from"]), 6)


# excluded now and until the eve of the second anniversary of the end.
def psychiatric_item_excludes(case: Case, item: dict[str, Any]) -> bool:
    day = session_day(case)
    if not psychiatric_kind_concerns(case, item["kind"]):
        return False
    if day_of(item["from"]) > day:
        return False
    if item["kind"] == "psychiatric_sick_leave" and not sick_leave_is_long(item, day):
        return False
    return item.get("to") is None or day < years_later(day_of(item["to"]), 2)


#
def non_inclusion_psychiatric(case: Case) -> bool:
    items = case["patient"].get("psychiatric_history") or []
    return any(psychiatric_item_excludes(case, item) for item in items)


# --- D. Entering the scheme ---------------------------------------------------------------


# the last day on which a letter is required depends on the profile.
def letter_is_required(case: Case) -> bool:
    if is_operational(case):
        return session_day(case) <= date(2024, 6, 14)
    return session_day(case) <= date(2025, 5, 15)


#
def referral_missing(case: Case) -> bool:
    return letter_is_required(case) and case.get("referral") is None


# the letter's date decides, first day included.
def referrer_not_allowed(case: Case) -> bool:
    letter = case.get("referral")
    if letter is None or not letter_is_required(case):
        return False
    referrer = letter["referrer"]
    if referrer == "midwife":
        return day_of(letter["date"]) < date(2023, 12, 25)
    if referrer == "school_nurse":
        return day_of(letter["date"]) < date(2023, 12, 28)
    return referrer not in (
        "gp",
        "hospital_doctor",
        "specialist_doctor",
        "school_doctor",
        "student_health_doctor",
        "occupational_doctor",
    )


# the letter is compared with the first session of the episode.
def first_session_of_episode(case: Case) -> date:
    claim_day = session_day(case)
    if is_evaluation(case["claim"]):
        return claim_day
    so_far = [d for d in paid_evaluation_days(case) if d <= claim_day]
    return so_far[-1] if so_far else claim_day


# same day accepted.
def referral_dated_after_session(case: Case) -> bool:
    letter = case.get("referral")
    if letter is None or not letter_is_required(case):
        return False
    return day_of(letter["date"]) > first_session_of_episode(case)


# last valid day = same day number six months later, included.
def referral_expired(case: Case) -> bool:
    letter = case.get("referral")
    if letter is None or not letter_is_required(case):
        return False
    return first_session_of_episode(case) > months_later(day_of(letter["date"]), 6)


# --- E. Sessions --------------------------------------------------------------------------


def paid_in_year(case: Case) -> list[dict[str, Any]]:
    """R-061: by the date of the session; R-212: also those dated after the claim."""
    year = session_day(case).year
    return [h for h in paid_in_scheme(case) if day_of(h["date"]).year == year]


def evaluated_earlier_in_year(case: Case) -> bool:
    day = session_day(case)
    return any(d.year == day.year and d < day for d in paid_evaluation_days(case))


# an episode across New Year leans on an evaluation of the year just before.
def year_rollover(case: Case) -> bool:
    if is_evaluation(case["claim"]) or evaluated_earlier_in_year(case):
        return False
    return any(d.year == session_day(case).year - 1 for d in paid_evaluation_days(case))


# no evaluation before it in the year nor in the year just before. An
# evaluation on that very day makes it a same-day session, not a missing evaluation.
def evaluation_missing(case: Case) -> bool:
    if is_evaluation(case["claim"]) or duplicate_claim(case):
        return False
    if session_day(case) in paid_evaluation_days(case):
        return False
    return not evaluated_earlier_in_year(case) and not year_rollover(case)


#
def evaluation_must_be_in_person(case: Case) -> bool:
    return is_evaluation(case["claim"]) and case["claim"]["modality"] == "remote"


# one a calendar year, whoever does it, whichever comes first.
def evaluation_already_billed(case: Case) -> bool:
    if not is_evaluation(case["claim"]) or duplicate_claim(case):
        return False
    return any(d.year == session_day(case).year for d in paid_evaluation_days(case))


#
def same_day_session(case: Case) -> bool:
    if duplicate_claim(case):
        return False
    return any(day_of(h["date"]) == session_day(case) for h in paid_in_scheme(case))


# the cap in force on the session date applies to the whole calendar year.
def yearly_cap(case: Case) -> int:
    first_day_of_twelve = date(2024, 6, 15) if is_operational(case) else date(2025, 5, 16)
    return 12 if session_day(case) >= first_day_of_twelve else 8


#
def annual_cap_reached(case: Case) -> bool:
    if duplicate_claim(case) or is_uncapped(case):
        return False
    return len(paid_in_year(case)) >= yearly_cap(case)


# minors with ALD, sessions prescribed for it, from 16 June 2026, both profiles.
def is_uncapped(case: Case) -> bool:
    claim = case["claim"]
    return (
        session_day(case) >= date(2026, 6, 16)
        and is_under(case, 18)
        and has_open_right(case, "ald")
        and claim.get("linked_to") == "ald"
        and claim.get("prescribed", False) is True
    )


# null when uncapped, 0 before the start, never below 0; a rejected claim takes nothing.
def sessions_left(case: Case, accepted: bool) -> int | None:
    if before_programme_start(case):
        return 0
    if is_uncapped(case):
        return None
    left = yearly_cap(case) - len(paid_in_year(case)) - (1 if accepted else 0)
    return max(left, 0)


# --- F. Price -----------------------------------------------------------------------------


#
def tariff_cents(case: Case) -> int:
    first_day_of_fifty = date(2024, 6, 15) if is_operational(case) else date(2024, 6, 29)
    if session_day(case) >= first_day_of_fifty:
        return 5000
    return 4000 if is_evaluation(case["claim"]) else 3000


# dearer and cheaper are both refused.
def price_not_regulated(case: Case) -> bool:
    return bool(case["claim"]["price_cents"] != tariff_cents(case))


# missed, or received before its own date.
def act_not_performed(case: Case) -> bool:
    claim = case["claim"]
    if not claim.get("performed", True):
        return True
    received = claim.get("received_on")
    return received is not None and day_of(received) < session_day(case)


# --- G. Who pays what ---------------------------------------------------------------------


# the order of precedence; need the declared link, R-090 does not.
def coverage(case: Case) -> str:
    linked_to = case["claim"].get("linked_to")
    if has_open_right(case, "ame"):
        return "full_coverage_ame"
    if has_open_right(case, "css"):
        return "full_coverage_css"
    for kind in ("at_mp", "ald", "maternity"):
        if has_open_right(case, kind) and linked_to == kind:
            return f"full_coverage_{kind}"
    if has_open_right(case, "invalidity"):
        return "full_coverage_invalidity"
    if case["patient"]["regime"] == "regime_local_alsace_moselle":
        return "local_regime_90_10"
    return "standard_60_40"


# the share of the obligatory, local, CSS and AME parts together.
def amo_cents(case: Case) -> int:
    price: int = case["claim"]["price_cents"]
    percent = {"standard_60_40": 60, "local_regime_90_10": 90}.get(coverage(case), 100)
    return price * percent // 100


# the 30 points added by the local scheme.
def local_regime_cents(case: Case) -> int:
    price: int = case["claim"]["price_cents"]
    return price * 30 // 100


# --- H. Third-party payment ---------------------------------------------------------------


# from the day after the end of CSS to the same day one year later, included.
def held_css_within_a_year(case: Case) -> bool:
    for right in case["patient"].get("exonerations") or []:
        if right["kind"] == "css" and right.get("to") is not None:
            end = day_of(right["to"])
            if end < session_day(case) <= years_later(end, 1):
                return True
    return False


# R-102 asked, R-103 health centre, R-104 everyone since 1 October 2026, R-105 former CSS.
def amo_share_is_not_advanced(case: Case) -> bool:
    return (
        case["claim"].get("third_party_requested") == "amo"
        or psychologist_of(case).get("practice") == "cds"
        or session_day(case) >= date(2026, 10, 1)
        or held_css_within_a_year(case)
    )


# named by what the patient pays on the spot.
def third_party_payment(case: Case) -> str:
    covered = coverage(case)
    if covered in (
        "full_coverage_ame",
        "full_coverage_css",
        "full_coverage_at_mp",
        "full_coverage_ald",
        "full_coverage_maternity",
    ):
        return "full"
    if not amo_share_is_not_advanced(case):
        return "none"
    return "full" if covered == "full_coverage_invalidity" else "amo"


# --- I. Billing ---------------------------------------------------------------------------


# a remote evaluation has no code, so any code mismatches.
def act_code_mismatch(case: Case) -> bool:
    claim = case["claim"]
    if claim.get("act_code") is None:
        return False
    fitting = {
        ("evaluation", "in_person"): "EEP",
        ("follow_up", "in_person"): "APS",
        ("follow_up", "remote"): "PSS",
    }.get((claim["kind"], claim["modality"]))
    return bool(claim["act_code"] != fitting)


#
def care_sheet_incomplete(case: Case) -> bool:
    claim = case["claim"]
    return not (claim.get("sheet_signed", True) and claim.get("sheet_complete", True))


# two years after the first day of the quarter that follows the care.
def claim_time_barred(case: Case) -> bool:
    received = case["claim"].get("received_on")
    if received is None:
        return False
    care = session_day(case)
    first_month_of_quarter = 3 * ((care.month - 1) // 3) + 1
    next_quarter = months_later(date(care.year, first_month_of_quarter, 1), 3)
    return day_of(received) >= years_later(next_quarter, 2)


# same psychologist, date and kind; price and modality do not matter.
def duplicate_claim(case: Case) -> bool:
    claim = case["claim"]
    return any(
        h["psychologist"] == claim["psychologist"]
        and h["date"] == claim["date"]
        and h["kind"] == claim["kind"]
        for h in paid_in_scheme(case)
    )


# paper with third-party payment goes within 8 calendar days.
def late_third_party_submission(case: Case) -> bool:
    received = case["claim"].get("received_on")
    if received is None or third_party_payment(case) == "none":
        return False
    return day_of(received) > session_day(case) + timedelta(days=8)


# --- J. Other programmes ------------------------------------------------------------------


# same psychologist and date, any kind; a private session is not a programme.
def double_funding(case: Case) -> bool:
    claim = case["claim"]
    return any(
        h.get("programme", "mon-soutien-psy") not in ("mon-soutien-psy", "out_of_network")
        and h["psychologist"] == claim["psychologist"]
        and h["date"] == claim["date"]
        for h in all_paid(case)
    )


# --- L. Sanctions -------------------------------------------------------------------------


#
def convention_suspended(case: Case) -> bool:
    suspensions = psychologist_of(case).get("suspensions") or []
    return any(runs_on(s, session_day(case)) for s in suspensions)


# --- P and Q. Answer ----------------------------------------------------------------------


# 15 and 28 June included.
def transition_period_2024(case: Case) -> bool:
    return is_operational(case) and date(2024, 6, 15) <= session_day(case) <= date(2024, 6, 28)


#
def third_party_accident_declared(case: Case) -> bool:
    return bool(case["claim"].get("linked_to") == "third_party_accident")


# every applicable code, in the order of the table; the first one stands alone.
def refusals(case: Case) -> list[str]:
    if before_programme_start(case):
        return ["before_programme_start"]
    return [code for code in REFUSALS_IN_ORDER if globals()[code](case)]


# in this order, on accepted claims only.
def warnings(case: Case) -> list[str]:
    applies = {
        "year_rollover_no_evaluation": year_rollover(case),
        "transition_period_2024": transition_period_2024(case),
        "late_third_party_submission": late_third_party_submission(case),
        "third_party_accident_declared": third_party_accident_declared(case),
        "uncapped_minor_ald": is_uncapped(case),
    }
    return [code for code in WARNINGS_IN_ORDER if applies[code]]


# rejected, the four amounts are 0.
def rejected(case: Case, reasons: list[str]) -> dict[str, Any]:
    return {
        "id": case.get("id"),
        "outcome": "rejected",
        "reasons": reasons,
        "amo_cents": 0,
        "amc_cents": 0,
        "patient_cents": 0,
        "third_party_payment": "none",
        "sessions_left": sessions_left(case, accepted=False),
        "patient_upfront_cents": 0,
    }


# AMO, AMC and patient add up to the price; the remainder is the AMC's or, with
# no complementary insurer, the patient's.
def accepted(case: Case) -> dict[str, Any]:
    price: int = case["claim"]["price_cents"]
    amo = amo_cents(case)
    remainder = price - amo
    insured_for_it = bool(case["patient"]["amc"])
    mode = third_party_payment(case)
    answer = {
        "id": case.get("id"),
        "outcome": "accepted",
        "reasons": [coverage(case)],
        "amo_cents": amo,
        "amc_cents": remainder if insured_for_it else 0,
        "patient_cents": 0 if insured_for_it else remainder,
        "third_party_payment": mode,
        "sessions_left": sessions_left(case, accepted=True),
        "patient_upfront_cents": {"none": price, "amo": price - amo, "full": 0}[mode],
    }
    if coverage(case) == "local_regime_90_10":
        answer["local_regime_cents"] = local_regime_cents(case)
    said = warnings(case)
    if said:
        answer["warnings"] = said
    return answer


def decide(case: Case) -> dict[str, Any]:
    """The answer to one case of ``cases.json``; ValueError on an input error (R-217)."""
    refuse_input_errors(case)
    reasons = refusals(case)
    return rejected(case, reasons) if reasons else accepted(case)
