"""Random but telling cases, in the format of ``cases.json``.

A case starts sound; ``TROUBLES`` drawn for it then spoil some of its parts, and every part
likes to stand on the edge of its rule: the day a term changes, a birthday, the last day of a
letter. ``random_case`` draws only from the generator it is given, so a seed is a case.

    python -m tests.law.histories 20000 7     how often each code occurs
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from tests.law.second_reading import (
    COVERAGES,
    REFUSALS_IN_ORDER,
    WARNINGS_IN_ORDER,
    Case,
    decide,
    months_later,
    years_later,
)

Item = dict[str, Any]

# The days on both sides of each dated change.
TURNING_DAYS = tuple(
    date.fromisoformat(text)
    for text in (
        *("2022-04-04", "2022-04-05"),
        *("2023-12-24", "2023-12-25", "2023-12-26", "2023-12-27", "2023-12-28"),
        *("2024-06-14", "2024-06-15", "2024-06-28", "2024-06-29", "2024-06-30"),
        *("2025-05-15", "2025-05-16"),
        *("2026-06-15", "2026-06-16"),
        *("2026-09-30", "2026-10-01"),
    )
)
# Days on which adding months or years, or turning a page of the calendar, goes wrong first.
ODD_DAYS = tuple(
    date.fromisoformat(text)
    for text in (
        *("2022-12-31", "2023-01-01", "2023-02-27", "2023-02-28", "2023-03-01", "2023-08-31"),
        *("2022-11-30", "2022-12-01", "2023-06-30", "2023-07-01", "2023-11-30", "2023-12-01"),
        *("2023-12-31", "2024-01-01", "2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01"),
        *("2024-03-31", "2024-04-01", "2024-04-30", "2024-05-31", "2024-12-31", "2025-01-01"),
        *("2025-02-27", "2025-02-28", "2025-03-01", "2025-03-31", "2025-04-01", "2025-04-30"),
        *("2025-08-31", "2025-12-31", "2026-01-01", "2026-02-27", "2026-02-28", "2026-03-01"),
        *("2026-06-30", "2026-07-01", "2026-12-31", "2027-01-01", "2027-02-28", "2027-03-01"),
    )
)
# Days whose number is missing some months later: what runs from them, for how many months.
MISSING_DAYS = {
    "third_birthday": (36, ("2020-02-29", "2024-02-29")),
    "eighteenth_birthday": (216, ("2004-02-29", "2008-02-29")),
    "former_css": (12, ("2024-02-29",)),
    "psychiatric_end": (24, ("2024-02-29",)),
    "sick_leave": (6, ("2022-08-31", "2023-05-31", "2024-08-30", "2025-08-29", "2025-10-31")),
    "resignation": (2, ("2022-12-31", "2023-07-31", "2023-12-31", "2024-12-29", "2025-12-30")),
    "letter": (6, ("2022-08-31", "2022-10-31", "2023-03-31", "2023-05-31", "2023-08-30")),
}
FIRST_DAY, LAST_DAY = date(2022, 4, 1), date(2027, 3, 31)

REGIMES = ("general", "msa", "regime_local_alsace_moselle", "special")
EXONERATION_KINDS = ("css", "ame", "ald", "maternity", "at_mp", "invalidity")
PSYCHIATRIC_KINDS = (
    "psychiatric_ald",
    "psychiatric_invalidity",
    "psychiatric_sick_leave",
    "child_psychiatry_follow_up",
)
DOCTORS = (
    "gp",
    "hospital_doctor",
    "specialist_doctor",
    "school_doctor",
    "student_health_doctor",
    "occupational_doctor",
)
DATED_REFERRERS = ("midwife", "school_nurse")
OTHER_REFERRERS = ("psychotherapist", "psychoanalyst", "nurse")
PRACTICES = ("liberal", "cds", "msp")
LINKS = ("ald", "maternity", "at_mp", "third_party_accident")
STATUSES = ("paid", "rejected", "no_show", "cancelled", "pending")
PROGRAMMES = ("mon-soutien-psy", "sante-psy-etudiant", "out_of_network")
ACT_CODES = ("EEP", "APS", "PSS", "XYZ")

TROUBLES = (
    "no_rights",
    "too_young",
    "psychiatric",
    "no_convention",
    "suspended",
    "not_performed",
    "remote_evaluation",
    "act_code",
    "no_letter",
    "referrer",
    "letter_date",
    "duplicate",
    "same_day",
    "two_programmes",
    "no_evaluation",
    "second_evaluation",
    "full_year",
    "price",
    "sheet",
    "too_late",
)


def chance(rng: random.Random, probability: float) -> bool:
    return rng.random() < probability


def around(rng: random.Random, day: date, spread: int) -> date:
    """A day at most ``spread`` days away."""
    return day + timedelta(days=rng.randint(-spread, spread))


def between(rng: random.Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randint(0, max((last - first).days, 0)))


def months_earlier(day: date, months: int) -> date:
    return months_later(day, -months)


def period(start: date, end: date | None) -> Item:
    return {"from": start.isoformat(), "to": None if end is None else end.isoformat()}


def period_around(rng: random.Random, day: date) -> Item:
    """A period that mostly runs on ``day``, and likes to begin or end on it."""
    start = around(rng, day, 1) if chance(rng, 0.2) else day - timedelta(rng.randint(1, 900))
    if chance(rng, 0.4):
        return period(start, None)
    end = around(rng, day, 1) if chance(rng, 0.4) else day + timedelta(rng.randint(1, 900))
    return period(start, max(start, end))


# --- The day and the patient --------------------------------------------------------------


def claim_day(rng: random.Random) -> date:
    drawn = rng.random()
    if drawn < 0.25:
        return rng.choice(TURNING_DAYS)
    if drawn < 0.35:
        return rng.choice(ODD_DAYS)
    if drawn < 0.40:
        return around(rng, rng.choice(TURNING_DAYS + ODD_DAYS), 4)
    if drawn < 0.55:
        return between(rng, date(2026, 6, 1), LAST_DAY)
    return between(rng, FIRST_DAY, LAST_DAY)


def birth_day(rng: random.Random, day: date, troubles: set[str]) -> date:
    if "too_young" in troubles:
        return day - timedelta(days=rng.choice((0, 30, 500, rng.randint(1, 1095))))
    drawn = rng.random()
    if drawn < 0.10:
        return around(rng, months_earlier(day, 12 * 3), 2)
    if drawn < 0.22:
        return around(rng, months_earlier(day, 12 * 18), 2)
    if drawn < 0.27:
        leap_year = rng.choice((1988, 1996, 2000, 2004, 2008, 2012, 2016, 2020))
        return date(leap_year, 2, 29)
    if drawn < 0.50:
        return between(rng, months_earlier(day, 12 * 18), months_earlier(day, 12 * 3))
    return between(rng, date(1935, 1, 1), months_earlier(day, 12 * 18))


def exonerations(rng: random.Random, day: date, regime: str | None) -> list[Item]:
    """Rights to full coverage, some of them over: CSS likes to have ended a year ago."""
    items = []
    for kind in EXONERATION_KINDS:
        if chance(rng, 0.9):
            continue
        items.append({"kind": kind, **period_around(rng, day)})
    if chance(rng, 0.08):
        end = rng.choice(
            (
                around(rng, months_earlier(day, 12), 2),
                around(rng, day, 2),
                between(rng, months_earlier(day, 15), day),
            )
        )
        items.append({"kind": "css", **period(end - timedelta(days=365), end)})
    if regime is None and chance(rng, 0.85):
        items.append({"kind": "ame", **period_around(rng, day)})
    rng.shuffle(items)
    return items


def psychiatric_item(rng: random.Random, day: date) -> Item:
    """A psychiatric situation: running, ended about two years ago, or a leave of six months."""
    kind = rng.choice(PSYCHIATRIC_KINDS)
    start = day - timedelta(days=rng.randint(0, 1500))
    end: date | None = None
    drawn = rng.random()
    if kind == "psychiatric_sick_leave" and drawn < 0.6:
        start = around(rng, months_earlier(day, rng.choice((6, 6, 8, 20))), 2)
        end = rng.choice((None, day, around(rng, months_later(start, 6), 2)))
    elif drawn < 0.45:
        end = around(rng, months_earlier(day, 24), 2)
        start = months_earlier(end, rng.choice((1, 7, 12)))
    elif drawn < 0.60:
        start = around(rng, day, 1)
    elif drawn < 0.75:
        end = between(rng, start, day + timedelta(days=60))
    if end is not None and end < start:
        end = start
    return {"kind": kind, **period(start, end)}


def patient(rng: random.Random, day: date, troubles: set[str]) -> Item:
    regime = rng.choices((*REGIMES, None), weights=(50, 12, 22, 12, 4))[0]
    if "no_rights" in troubles:
        regime = None
    rights = exonerations(rng, day, regime)
    if "no_rights" in troubles:
        rights = [r for r in rights if r["kind"] != "ame"]
        if chance(rng, 0.5):
            over = day - timedelta(days=rng.choice((1, 2, 90)))
            rights.append({"kind": "ame", **period(over - timedelta(days=365), over)})
    person = {
        "birth_date": birth_day(rng, day, troubles).isoformat(),
        "regime": regime,
        "exonerations": rights,
        "amc": chance(rng, 0.7),
    }
    if "psychiatric" in troubles or chance(rng, 0.12):
        count = rng.choice((1, 1, 2, 3))
        person["psychiatric_history"] = [psychiatric_item(rng, day) for _ in range(count)]
    return person


# --- Psychologists and the letter ---------------------------------------------------------


def resigned_convention(rng: random.Random, day: date) -> Item:
    """A convention left by letter about two months before, sometimes ended for another reason."""
    received = around(rng, months_earlier(day, 2), 3)
    if chance(rng, 0.3):
        received = between(rng, months_earlier(day, 2), day)
    end = rng.choice((None, None, around(rng, day, 2), months_later(received, 3)))
    start = months_earlier(received, rng.randint(1, 20))
    return {
        **period(start, end if end is None or end >= start else None),
        "resignation_received_on": received.isoformat(),
    }


def conventions(rng: random.Random, day: date) -> list[Item]:
    drawn = rng.random()
    if drawn < 0.55:
        items = [period(min(date(2022, 4, 5), day), None)]
    elif drawn < 0.70:
        items = [resigned_convention(rng, day)]
    elif drawn < 0.82:
        items = [period_around(rng, day)]
    else:
        # Left and came back: several conventions, one of which mostly holds.
        former_end = around(rng, months_earlier(day, rng.choice((0, 1, 12))), 2)
        back = rng.choice((day, around(rng, day, 2), former_end + timedelta(days=1)))
        items = [period(former_end - timedelta(days=300), former_end), period(back, None)]
        if chance(rng, 0.4):
            items.append(resigned_convention(rng, day))
    for item in items:
        if chance(rng, 0.1):
            item.setdefault("resignation_received_on", None)
    rng.shuffle(items)
    return items


def conventions_over(rng: random.Random, day: date) -> list[Item]:
    """Conventions of which none covers the day."""
    items = []
    if chance(rng, 0.5):
        end = day - timedelta(days=rng.choice((1, 2, 100)))
        items.append(period(end - timedelta(days=400), end))
    if chance(rng, 0.5):
        items.append(period(day + timedelta(days=rng.choice((1, 2, 14))), None))
    if chance(rng, 0.5):
        received = months_earlier(day, 2) - timedelta(days=rng.choice((0, 3, 40)))
        items.append(
            {
                **period(months_earlier(received, 9), None),
                "resignation_received_on": received.isoformat(),
            }
        )
    return items


def psychologists(rng: random.Random, day: date, troubles: set[str]) -> dict[str, Item]:
    """Three psychologists; P1 holds the session unless the claim says otherwise."""
    people: dict[str, Item] = {}
    for name in ("P1", "P2", "P3"):
        over = "no_convention" in troubles and name == "P1"
        suspended = "suspended" in troubles and name == "P1"
        people[name] = {
            "conventions": conventions_over(rng, day) if over else conventions(rng, day),
            "suspensions": [
                period_around(rng, day) for _ in range(rng.choice((1, 1, 2)) if suspended else 0)
            ],
            "practice": rng.choices(PRACTICES, weights=(70, 18, 12))[0],
        }
        if not suspended and chance(rng, 0.06):
            over_on = day - timedelta(days=rng.choice((0, 1, 1, 2, 50)))
            people[name]["suspensions"].append(period(over_on - timedelta(days=30), over_on))
    return people


def letter_day(rng: random.Random, reference: date) -> date:
    drawn = rng.random()
    if drawn < 0.18:
        return reference + timedelta(days=rng.choice((0, 0, 0, -1, 1)))
    if drawn < 0.25:
        return around(rng, months_earlier(reference, 6), 3)
    if drawn < 0.40 and date(2023, 12, 20) <= reference < date(2024, 7, 10):
        return min(around(rng, date(2023, 12, 26), 3), reference)
    return reference - timedelta(days=rng.randint(1, 178))


def referral(rng: random.Random, reference: date, troubles: set[str]) -> Item | None:
    """A letter compared with the first session of the episode; often none when not needed."""
    if "no_letter" in troubles:
        return None
    if reference > date(2025, 5, 16) and chance(rng, 0.7):
        return None
    written = letter_day(rng, reference)
    if "letter_date" in troubles:
        written = rng.choice(
            (
                reference + timedelta(days=rng.choice((1, 1, 2, 40))),
                around(rng, months_earlier(reference, 6), 3),
                months_earlier(reference, rng.randint(6, 14)) - timedelta(days=1),
            )
        )
    author = rng.choice(DOCTORS)
    near_their_dates = abs((written - date(2023, 12, 26)).days) <= 4
    if chance(rng, 0.5 if near_their_dates else 0.1):
        author = rng.choice(DATED_REFERRERS)
    if "referrer" in troubles:
        author = rng.choice(DATED_REFERRERS + OTHER_REFERRERS)
    return {"date": written.isoformat(), "referrer": author}


# --- The history --------------------------------------------------------------------------


def session(
    rng: random.Random, day: date, kind: str, psychologist: str, status: str, programme: str
) -> Item:
    """One past session; defaults are sometimes left unsaid."""
    if kind == "evaluation":
        price = 4000 if day < date(2024, 6, 15) else 5000
    else:
        price = 3000 if day < date(2024, 6, 15) else 5000
    remote = kind == "follow_up" and chance(rng, 0.2)
    item: Item = {
        "date": day.isoformat(),
        "kind": kind,
        "modality": "remote" if remote else "in_person",
        "psychologist": psychologist,
        "price_cents": 7000 if programme == "out_of_network" else price,
    }
    if status != "paid" or chance(rng, 0.5):
        item["status"] = status
    if programme != "mon-soutien-psy" or chance(rng, 0.2):
        item["programme"] = programme
    if chance(rng, 0.05):
        item["linked_to"] = rng.choice(LINKS)
    return item


def past_psychologist(rng: random.Random) -> str:
    return rng.choices(("P1", "P2", "P3", "P7"), weights=(60, 22, 14, 4))[0]


def paid_session(rng: random.Random, day: date, kind: str) -> Item:
    return session(rng, day, kind, past_psychologist(rng), "paid", "mon-soutien-psy")


def other_day(rng: random.Random, first: date, last: date, day: date) -> date:
    """A day of the period, but not the day of the claim."""
    drawn = between(rng, first, last)
    if drawn == day:
        drawn = drawn + timedelta(days=1) if drawn < last else first
    return drawn


def sessions_of_claim_year(rng: random.Random, day: date, kind: str, full: bool) -> list[Item]:
    """What was paid in the year of the claim, mostly before it, sometimes after it."""
    first, last = date(day.year, 1, 1), date(day.year, 12, 31)
    if first < date(2022, 4, 5):
        first = date(2022, 4, 5)
    eve = day - timedelta(days=1)
    items = []
    if kind == "follow_up" and eve >= first:
        items.append(
            paid_session(rng, rng.choice((first, eve, between(rng, first, eve))), "evaluation")
        )
    if full:
        count = rng.choice((7, 8, 11, 11, 12))
    else:
        count = rng.choices((0, 1, 3, 6, 7, 10, 11), weights=(30, 15, 20, 12, 8, 8, 7))[0]
    while len(items) < count:
        until = last if eve < first or chance(rng, 0.1) else eve
        items.append(paid_session(rng, other_day(rng, first, until, day), "follow_up"))
    return items


def earlier_years(rng: random.Random, day: date, room: int) -> list[Item]:
    """Paid sessions of the two years before."""
    items = []
    for year in (day.year - 1, day.year - 2):
        if chance(rng, 0.55) or year < 2022:
            continue
        first, last = max(date(year, 1, 1), date(2022, 4, 5)), date(year, 12, 31)
        kinds = ["evaluation"] if chance(rng, 0.7) else []
        kinds += ["follow_up"] * rng.choice((0, 0, 1, 2, 4))
        for kind in kinds[:room]:
            on_the_edge = chance(rng, 0.2)
            held = rng.choice((first, last)) if on_the_edge else between(rng, first, last)
            items.append(paid_session(rng, held, kind))
    return items[:room]


def uncounted(rng: random.Random, day: date) -> Item:
    """A session that does not count: refused, missed, or under another programme."""
    kind = rng.choice(("evaluation", "follow_up"))
    held = rng.choice((day, around(rng, day, 60), around(rng, day, 400)))
    status = rng.choice(STATUSES)
    programme = rng.choice(PROGRAMMES if status != "paid" else PROGRAMMES[1:])
    psychologist = past_psychologist(rng)
    if held == day and status == "paid" and programme == "sante-psy-etudiant":
        # The same session twice paid is a trouble of its own: here, another psychologist's.
        psychologist = "P9"
    return session(rng, held, kind, psychologist, status, programme)


def on_the_day(rng: random.Random, claim: Item, troubles: set[str]) -> list[Item]:
    """Sessions of the very day of the claim that trouble it."""
    day = date.fromisoformat(claim["date"])
    other_kind = "evaluation" if claim["kind"] == "follow_up" else "follow_up"
    items = []
    if "duplicate" in troubles:
        items.append(
            session(rng, day, claim["kind"], claim["psychologist"], "paid", "mon-soutien-psy")
        )
    if "same_day" in troubles:
        kind, psychologist = rng.choice(
            (
                (claim["kind"], "P8"),
                (other_kind, claim["psychologist"]),
                (other_kind, rng.choice(("P2", "P3"))),
                ("evaluation", "P8"),
            )
        )
        items.append(session(rng, day, kind, psychologist, "paid", "mon-soutien-psy"))
    if "two_programmes" in troubles:
        kind = rng.choice((claim["kind"], claim["kind"], other_kind))
        items.append(session(rng, day, kind, claim["psychologist"], "paid", "sante-psy-etudiant"))
    return items


def without_evaluation_before(rng: random.Random, items: list[Item], day: date) -> list[Item]:
    """The same history with no evaluation before the claim in its year, nor mostly ever."""
    keep_former = chance(rng, 0.15)
    kept = []
    for item in items:
        held = date.fromisoformat(item["date"])
        of_the_year = held.year == day.year
        if item["kind"] == "evaluation" and (of_the_year or not keep_former):
            continue
        kept.append(item)
    if chance(rng, 0.3):
        # Evaluations that do not help: too late, of another programme, refused, too old.
        later = other_day(rng, day, date(day.year, 12, 31), day)
        if later > day:
            kept.append(paid_session(rng, later, "evaluation"))
    if chance(rng, 0.3):
        kept.append(
            session(
                rng,
                around(rng, day, 30),
                "evaluation",
                "P2",
                *rng.choice((("paid", "out_of_network"), ("rejected", "mon-soutien-psy"))),
            )
        )
    if chance(rng, 0.3) and day.year >= 2024:
        kept.append(paid_session(rng, date(day.year - 2, 12, rng.choice((1, 31))), "evaluation"))
    return kept


def history(rng: random.Random, claim: Item, troubles: set[str]) -> list[Item]:
    """At most sixteen sessions over three years, in no order."""
    day = date.fromisoformat(claim["date"])
    items = sessions_of_claim_year(rng, day, claim["kind"], "full_year" in troubles)
    if claim["kind"] == "follow_up" and chance(rng, 0.2) and day.year > 2022:
        # An episode across New Year: the evaluation was the year before.
        items = [i for i in items if i["kind"] != "evaluation"]
        eve = rng.choice((date(day.year - 1, 12, 31), date(day.year - 1, 11, 3)))
        items.append(paid_session(rng, eve, "evaluation"))
    if "second_evaluation" in troubles:
        first, last = date(day.year, 1, 1), date(day.year, 12, 31)
        for _ in range(rng.choice((1, 1, 2))):
            items.append(paid_session(rng, other_day(rng, first, last, day), "evaluation"))
    items += earlier_years(rng, day, max(0, 14 - len(items)))
    if "no_evaluation" in troubles:
        items = without_evaluation_before(rng, items, day)
    items += on_the_day(rng, claim, troubles)
    while len(items) < 16 and chance(rng, 0.3):
        items.append(uncounted(rng, day))
    items = items[-16:]
    rng.shuffle(items)
    return items


def first_session(items: Iterable[Item], claim: Item) -> date:
    """A likely first session of the episode, to write the letter by."""
    held = [
        date.fromisoformat(i["date"])
        for i in items
        if i["kind"] == "evaluation" and i.get("status", "paid") == "paid"
    ]
    day = date.fromisoformat(claim["date"])
    before = [d for d in held if d <= day]
    return max(before) if before and claim["kind"] == "follow_up" else day


# --- The claim ----------------------------------------------------------------------------


def tariff(day: date, kind: str, profile: str) -> int:
    raised_on = date(2024, 6, 15) if profile == "operational" else date(2024, 6, 29)
    if day >= raised_on:
        return 5000
    return 4000 if kind == "evaluation" else 3000


def received_on(rng: random.Random, day: date, troubles: set[str]) -> date | None:
    """When the sheet came in: in time, around the eighth day, around the two-year limit."""
    quarter_end = months_later(date(day.year, 3 * ((day.month - 1) // 3) + 1, 1), 3)
    barred_from = years_later(quarter_end, 2)
    if "too_late" in troubles:
        return barred_from + timedelta(days=rng.choice((0, 0, 1, 21, 400)))
    if "not_performed" in troubles and chance(rng, 0.5):
        return day - timedelta(days=rng.choice((1, 1, 30)))
    drawn = rng.random()
    if drawn < 0.45:
        return None
    if drawn < 0.55:
        return barred_from - timedelta(days=rng.choice((1, 1, 2, 30)))
    if drawn < 0.75:
        return day + timedelta(days=rng.randint(7, 10))
    return day + timedelta(days=rng.choice((0, 1, 5, rng.randint(0, 60))))


def act_code(rng: random.Random, claim: Item, troubles: set[str]) -> str | None:
    fitting = {("evaluation", "in_person"): "EEP", ("follow_up", "in_person"): "APS"}.get(
        (claim["kind"], claim["modality"]), "PSS"
    )
    if "act_code" in troubles:
        return rng.choice([code for code in ACT_CODES if code != fitting])
    if "remote_evaluation" in troubles and chance(rng, 0.5):
        return None
    return fitting if chance(rng, 0.4) else None


def wrong_price(rng: random.Random, right: int) -> int:
    return rng.choice([p for p in (0, 2999, 3000, 4000, 4999, 5000, 5001, 5500) if p != right])


def say_what_was_done(
    rng: random.Random, claim: Item, received: date | None, troubles: set[str]
) -> None:
    """Whether the act was done and the sheet complete; what is sound often goes unsaid."""
    received_early = received is not None and received.isoformat() < claim["date"]
    if "not_performed" in troubles and not received_early:
        claim["performed"] = False
    elif chance(rng, 0.1):
        claim["performed"] = True
    if "sheet" in troubles:
        signed, complete = rng.choice(
            ((False, None), (None, False), (False, True), (False, False))
        )
    else:
        signed, complete = rng.choice(((None, None),) * 8 + ((True, None), (True, True)))
    if signed is not None:
        claim["sheet_signed"] = signed
    if complete is not None:
        claim["sheet_complete"] = complete


def claim_for(rng: random.Random, day: date, profile: str, troubles: set[str]) -> Item:
    kind = rng.choice(("evaluation", "follow_up", "follow_up"))
    if troubles & {"remote_evaluation", "second_evaluation"}:
        kind = "evaluation"
    elif "no_evaluation" in troubles:
        kind = "follow_up"
    remote = chance(rng, 0.25) if kind == "follow_up" else "remote_evaluation" in troubles
    price = tariff(day, kind, profile)
    claim: Item = {
        "date": day.isoformat(),
        "kind": kind,
        "modality": "remote" if remote else "in_person",
        "psychologist": "P1",
        "price_cents": wrong_price(rng, price) if "price" in troubles else price,
    }
    if "no_convention" in troubles and chance(rng, 0.3):
        claim["psychologist"] = "P99"
    code = act_code(rng, claim, troubles)
    if code is not None or chance(rng, 0.1):
        claim["act_code"] = code
    received = received_on(rng, day, troubles)
    if received is not None or chance(rng, 0.1):
        claim["received_on"] = None if received is None else received.isoformat()
    say_what_was_done(rng, claim, received, troubles)
    if chance(rng, 0.25):
        claim["third_party_requested"] = "amo"
    if chance(rng, 0.1):
        claim["prescribed"] = chance(rng, 0.5)
    return claim


def link(rng: random.Random, claim: Item, rights: list[Item]) -> None:
    """Link the session to a right the patient has, to one they have not, or to nothing."""
    kinds = [r["kind"] for r in rights if r["kind"] in LINKS]
    if kinds and chance(rng, 0.7):
        claim["linked_to"] = rng.choice(kinds)
    elif chance(rng, 0.12):
        claim["linked_to"] = rng.choice((*LINKS, "third_party_accident", None))


def make_minor_with_ald(rng: random.Random, case: Case, day: date) -> None:
    """Near the uncapped sessions of minors with ALD: mostly all conditions, sometimes one off."""
    person, claim = case["patient"], case["claim"]
    born = rng.choice(
        (
            between(rng, months_earlier(day, 12 * 17), months_earlier(day, 12 * 4)),
            around(rng, months_earlier(day, 12 * 18), 2),
        )
    )
    person["birth_date"] = born.isoformat()
    right = {"kind": "ald", **period_around(rng, day)}
    if chance(rng, 0.8):
        right = {"kind": "ald", **period(day - timedelta(days=400), None)}
    person["exonerations"] = [*person["exonerations"], right]
    claim["linked_to"] = "ald"
    claim["prescribed"] = True
    drawn = rng.random()
    if drawn < 0.07:
        claim["prescribed"] = False
    elif drawn < 0.14:
        del claim["prescribed"]
    elif drawn < 0.21:
        claim["linked_to"] = rng.choice(("maternity", None))
    elif drawn < 0.26:
        person["exonerations"] = [r for r in person["exonerations"] if r["kind"] != "ald"]


def missing_day(rng: random.Random) -> tuple[str, date, date]:
    """What runs from a day whose number is missing at its term, that day, and one at the term."""
    subject = rng.choice(tuple(MISSING_DAYS))
    months, starts = MISSING_DAYS[subject]
    start = date.fromisoformat(rng.choice(starts))
    return subject, start, around(rng, months_later(start, months), 1)


def put_on_missing_day(rng: random.Random, case: Case, subject: str, start: date) -> None:
    """Make the part of the case that the missing day is about start on that day."""
    person = case["patient"]
    former = start - timedelta(days=365)
    if subject in ("third_birthday", "eighteenth_birthday"):
        person["birth_date"] = start.isoformat()
    elif subject == "former_css":
        others = [r for r in person["exonerations"] if r["kind"] not in ("css", "ame")]
        person["exonerations"] = [*others, {"kind": "css", **period(former, start)}]
    elif subject == "psychiatric_end":
        kind = rng.choice(PSYCHIATRIC_KINDS)
        person["psychiatric_history"] = [{"kind": kind, **period(former, start)}]
    elif subject == "sick_leave":
        person["birth_date"] = "1980-05-17"
        leave = {"kind": "psychiatric_sick_leave", **period(start, None)}
        person["psychiatric_history"] = [leave]
    elif subject == "resignation":
        left = {**period(former, None), "resignation_received_on": start.isoformat()}
        case["psychologists"]["P1"]["conventions"] = [left]
    elif subject == "letter" and case["referral"] is not None:
        case["referral"]["date"] = start.isoformat()


def random_case(rng: random.Random) -> Case:
    """One case; the same state of ``rng`` gives the same case."""
    day = claim_day(rng)
    placed = missing_day(rng) if chance(rng, 0.09) else None
    if placed is not None:
        day = placed[2]
    how_many = rng.choices((0, 1, 2, 3, 6), weights=(55, 24, 12, 6, 3))[0]
    troubles = set(rng.sample(TROUBLES, how_many))
    profile = rng.choice(("operational", "legal"))
    claim = claim_for(rng, day, profile, troubles)
    person = patient(rng, day, troubles)
    link(rng, claim, person["exonerations"])
    past = history(rng, claim, troubles)
    case: Case = {
        "id": f"R-{rng.getrandbits(40):010x}",
        "programme": "mon-soutien-psy",
        "rule_profile": profile,
        "patient": person,
        "psychologists": psychologists(rng, day, troubles),
        "referral": referral(rng, first_session(past, claim), troubles),
        "history": past,
        "claim": claim,
    }
    if placed is not None:
        put_on_missing_day(rng, case, placed[0], placed[1])
    elif day >= date(2026, 6, 10) and chance(rng, 0.25):
        make_minor_with_ald(rng, case, day)
    return case


# --- How telling the cases are ------------------------------------------------------------


def codes_reached(n: int, seed: int) -> Counter[str]:
    """How often each outcome, refusal, coverage and warning occurs in ``n`` cases."""
    rng = random.Random(seed)
    seen: Counter[str] = Counter()
    for _ in range(n):
        case = random_case(rng)
        answer = decide(case)
        seen[answer["outcome"]] += 1
        seen[case["rule_profile"]] += 1
        seen[f"third_party_{answer['third_party_payment']}"] += 1
        seen.update(answer["reasons"])
        seen.update(answer.get("warnings", []))
        if len(answer["reasons"]) > 1:
            seen["several_reasons"] += 1
        if answer["outcome"] == "rejected" and len(answer["reasons"]) == 1:
            seen[f"alone: {answer['reasons'][0]}"] += 1
    return seen


def coverage_report(n: int, seed: int) -> None:
    """Print how often each code occurs; for a refusal, also how often it stands alone."""
    seen = codes_reached(n, seed)
    for name in ("operational", "legal", "accepted", "rejected", "several_reasons"):
        print(f"{name:34}{seen[name]:8}")
    for code in REFUSALS_IN_ORDER:
        print(f"{code:34}{seen[code]:8}   alone {seen[f'alone: {code}']}")
    others = ("third_party_none", "third_party_amo", "third_party_full")
    for code in (*COVERAGES, *WARNINGS_IN_ORDER, *others):
        print(f"{code:34}{seen[code]:8}")


if __name__ == "__main__":
    coverage_report(int(sys.argv[1]), int(sys.argv[2]))
