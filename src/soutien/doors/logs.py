"""What is logged, one line each: what happened, never to whom.

A line names the route, not the path (a path may open an appointment), the role, not the account.
Errors keep their kind and their place, without the values at hand. What looks like somebody's
number, address or token is masked, as a second net.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

MASKED = "[…]"
# From the surest to the widest: a number of social security, an address, a telephone, a token.
PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b[1-478](?:[ .\u00a0]?\d{2}){2}[ .\u00a0]?(?:\d{2}|2[ABab])"
        r"(?:[ .\u00a0]?\d{3}){2}(?:[ .\u00a0]?\d{2})?\b",
        r"[^\s<>@'\"(]+@[^\s<>@'\")]+\.[^\s<>@'\")]+",
        r"(?<!\d)(?:\+33|0033|0)[ .\u00a0]?[1-9](?:[ .\u00a0-]?\d{2}){4}(?!\d)",
        r"\?[\w-]+=\S*",
        r"\b[A-Za-z0-9_-]{22,}\.[A-Za-z0-9_.:-]{16,}",
        r"(?<=/)[A-Za-z0-9_.:-]{22,}(?=[\s/'\"?#]|$)",
    )
)
# Errors of the machine itself, whose words name no row.
TOLD = (OSError,)


@dataclass(slots=True)
class Asked:
    """The request at hand, for the lines it leaves."""

    reference: str
    route: str = ""
    role: str = ""


asked: ContextVar[Asked | None] = ContextVar("soutien_asked", default=None)


def reference() -> str:
    """The reference of the request at hand, which somebody who helps can look for."""
    at_hand = asked.get()
    return at_hand.reference if at_hand else ""


def masked(text: str) -> str:
    """A text without what looks like somebody's."""
    for pattern in PATTERNS:
        text = pattern.sub(MASKED, text)
    return text


class Discreet(logging.Filter):
    """Takes the path out of what Django says of a request, and masks everything else."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None or record.name.startswith(("django.request", "django.security")):
            status = getattr(record, "status_code", "")
            record.msg, record.args = f"{record.name} {status} {_route_of(request)}".strip(), ()
        elif record.name != "soutien.access":
            record.msg, record.args = masked(_message(record)), ()
        return True


class _Shape(logging.Formatter):
    """What both shapes share: a moment in UTC, and errors without their values."""

    def formatException(self, ei: Any) -> str:
        return without_values(ei)

    def moment(self, record: logging.LogRecord) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class Lines(_Shape):
    """For people: ``moment level logger message``."""

    def format(self, record: logging.LogRecord) -> str:
        said = f"{self.moment(record)} {record.levelname} {record.name} {record.getMessage()}"
        said += "".join(f" {name}={value}" for name, value in _about(record).items())
        # One line each: what was said cannot begin another.
        said = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in said)
        return f"{said}\n{without_values(record.exc_info)}" if record.exc_info else said


class JsonLines(_Shape):
    """For machines: one object a line, the same names every time."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_about(record),
        }
        if record.exc_info:
            line["error"] = without_values(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def without_values(info: Any) -> str:
    """Where an error came from, kind by kind; what it says only when it can name nobody."""
    lines = ["Traceback (values left out):"]
    error: BaseException | None = info[1]
    while error is not None:
        lines += _frames(error.__traceback__)
        said = f": {masked(str(error).splitlines()[0])}" if _may_be_told(error) else ""
        lines.append(f"{type(error).__module__}.{type(error).__qualname__}{said}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(lines)


def _frames(found: TracebackType | None) -> list[str]:
    return [
        f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(found)
    ]


def _may_be_told(error: BaseException) -> bool:
    named = isinstance(error, TOLD) or type(error).__name__ == "OperationalError"
    return named and bool(str(error))


def _route_of(request: Any) -> str:
    found = getattr(request, "resolver_match", None)
    return str(found.url_name or "") if found else "no_route"


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return "A line that could not be written."


def _about(record: logging.LogRecord) -> dict[str, Any]:
    """The request a line is of, and what the line itself measured."""
    at_hand = asked.get()
    about: dict[str, Any] = {"request": at_hand.reference} if at_hand else {}
    return about | getattr(record, "measured", {})


def logging_settings(*, shape: str, level: str, stream: Any, debug: bool) -> dict[str, Any]:
    """Django's LOGGING: one handler for everything; access lines with ``json`` or level INFO."""
    formatter = JsonLines if shape == "json" else Lines
    # While somebody develops, errors are told whole.
    plain = {"()": "logging.Formatter"} if debug else {"()": formatter}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"discreet": {"()": Discreet}},
        "formatters": {"shape": plain},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "stream": stream,
                "formatter": "shape",
                "filters": ["discreet"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django adds a handler of its own, which would write to the operator by mail.
            "django": {"handlers": [], "level": "NOTSET", "propagate": True},
            "django.db.backends": {"level": "WARNING"},
            "soutien.access": {"level": "INFO" if shape == "json" else "NOTSET"},
        },
    }
