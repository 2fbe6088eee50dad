"""How the product stands: what waits, since when, what failed and what to do about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from soutien.doors.jobs.running import standings
from soutien.registers.agenda.models import Booking
from soutien.registers.calendars.models import OutsideCalendar
from soutien.registers.outbox import queries as outbox

# Due for longer than that, something should have taken it.
LATE = timedelta(minutes=15)
SHOWN = 20
ADVICE = {
    "mail_server_unreachable": "see that SOUTIEN_SMTP answers from this machine",
    "mail_server_refuses_us": "see the name and password in SOUTIEN_SMTP",
    "mail_address_refused": "the address does not exist: correct it with the person",
    "mail_refused": "the mail server refuses such mails: ask who runs it",
    "unknown_kind": "this version does not know it: upgrade the workers",
    "perhaps_sent_twice": "look at the mail server's log whether it left, then try again or leave",
    "couriers_stop_at_it": "each worker stopped at it: look in their logs, then try again",
}
AGAIN = "soutien deliver --again NUMBER"


def advice(trouble: str) -> str:
    """What to do about a letter that is parked or waits after a failure."""
    known = (told for code, told in ADVICE.items() if trouble.startswith(code))
    return next(known, "look in the worker's log for its number")


def state(at: datetime) -> dict[str, Any]:
    """Everything at once, as one object for programs. No name, no address: numbers and codes."""
    waiting = outbox.waiting()
    due = waiting.filter(deliver_after__lte=at)
    oldest = due.order_by("deliver_after").values_list("deliver_after", flat=True).first()
    failed = waiting.exclude(trouble="").order_by("deliver_after", "id")
    parked = outbox.parked()
    holds = Booking.objects.filter(status="held", held_until__lt=at - LATE).count()
    told: dict[str, Any] = {
        "at": at.isoformat(),
        "letters": {
            "waiting": waiting.count(),
            "due": due.count(),
            "oldest_due_seconds": int((at - oldest).total_seconds()) if oldest else 0,
            "failed": failed.count(),
            "parked": len(parked),
            "to_look_at": [
                {
                    "number": letter.pk,
                    "kind": letter.kind,
                    "parked": letter.parked_at is not None,
                    "attempts": letter.attempts,
                    "reason": letter.trouble,
                    "to_do": advice(letter.trouble),
                }
                for letter in [*parked, *failed[:SHOWN]][:SHOWN]
            ],
        },
        "holds_not_released": holds,
        "calendars_not_read": OutsideCalendar.objects.filter(trouble_since__isnull=False).count(),
    }
    jobs = standings(at)
    told["jobs_failing"] = [one.name for one in jobs if one.failing]
    told["jobs_never_done"] = [one.name for one in jobs if one.last_done_at is None]
    told["wrong"] = _wrong(told)
    return told


def _wrong(told: dict[str, Any]) -> list[str]:
    """What somebody should look at now, in sentences."""
    letters, wrong = told["letters"], []
    if letters["oldest_due_seconds"] > LATE.total_seconds() or told["holds_not_released"]:
        wrong.append("Nothing takes what is due: is `soutien worker` running?")
    if letters["parked"]:
        wrong.append(f"{letters['parked']} letters are parked: {AGAIN}, once the cause is gone.")
    if told["jobs_failing"]:
        names = ", ".join(told["jobs_failing"])
        wrong.append(f"Jobs that fail: {names}. Their errors are in the scheduler's log.")
    if told["jobs_never_done"]:
        names = ", ".join(told["jobs_never_done"])
        wrong.append(f"Jobs never done: {names}. Is `soutien scheduler` running?")
    return wrong
