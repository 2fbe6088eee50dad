"""What every step leaves: a line of the journal (audit), and who must be told (outbox).

``@act(event)`` makes a function one transaction and writes its lines as that transaction's last
statements, all at once; ``@looking(event)`` does the same for a step that only reads. A step that
refuses leaves nothing but a line that says so, in a transaction of its own.

A door gathers one request (``gathering``): several looks at one person are then one look, which
is written before the answer leaves; what is done to somebody says by itself that they were seen.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import transaction

from soutien.registers.audit import queries as audit
from soutien.registers.audit.queries import Line
from soutien.registers.outbox import queries as outbox
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.errors import Refusal

P = ParamSpec("P")
T = TypeVar("T")
# What a line may hold of a thing's name: the column's width.
NAME_LENGTH = audit.OBJECT_ID_LENGTH


@dataclass(slots=True)
class Taken:
    """A transaction being done: its lines so far, and whom its step is about."""

    lines: list[Line] = field(default_factory=list)
    person_id: int | None = None
    only_looks: bool = False


@dataclass(slots=True)
class Request:
    """What one request left so far: looks and refusals to write, and lines written."""

    looks: list[Line] = field(default_factory=list)
    refusals: list[Line] = field(default_factory=list)
    done: list[Line] = field(default_factory=list)

    @property
    def anything(self) -> bool:
        """Whether it left anything at all."""
        return bool(self.looks or self.refusals or self.done)

    def to_write(self) -> list[Line]:
        """One line for each person or thing looked at, unless something was done to them."""
        seen = {subject for line in self.done for subject in (*_subjects(line), _thing(line))}
        kept = []
        for line in self.looks:
            # A person seen already, or a thing of nobody's that was.
            if not _subjects(line) <= seen:
                kept.append(line)
            seen |= {*_subjects(line), _thing(line)}
        return kept + list(dict.fromkeys(self.refusals))


# step: the event under which it is refused, for each that touches somebody's data.
EVENTS: dict[str, str] = {}
_taken: ContextVar[Taken | None] = ContextVar("soutien_taken", default=None)
_request: ContextVar[Request | None] = ContextVar("soutien_request", default=None)


def record(
    actor: Actor,
    event: str,
    *,
    at: datetime,
    object_id: int | uuid.UUID | str,
    person_id: int | None = None,
    reason: str = "",
    result: str = audit.DONE,
    people: Collection[int] = (),
) -> None:
    """One line in the journal, ``register.object.verb``; words of codes and keys only.

    ``people`` are those of a list that was looked at: one line names them all.
    """
    line = Line(
        at=at,
        actor_role=actor.role,
        actor_account=actor.account_id,
        event=event,
        object_kind=event.rsplit(".", 1)[0],
        object_id=str(object_id)[:NAME_LENGTH],
        person_id=person_id,
        people=tuple(sorted(set(people))),
        on_behalf_of=actor.on_behalf_of,
        reason=reason,
        result=result,
    )
    taken, request = _taken.get(), _request.get()
    if taken is None:
        audit.append([line])
        if request is not None:
            request.done.append(line)
    elif taken.only_looks and request is not None:
        request.looks.append(line)
    else:
        taken.lines.append(line)


def refused_at_the_door(
    actor: Actor, event: str, *, at: datetime, object_id: uuid.UUID | str
) -> None:
    """A line for what a door refused by itself, before any step was taken."""
    line = Line(
        at=at,
        actor_role=actor.role,
        actor_account=actor.account_id,
        event=event,
        object_kind=event.rsplit(".", 1)[0],
        object_id=str(object_id)[:NAME_LENGTH],
        on_behalf_of=actor.on_behalf_of,
        reason="not_allowed",
        result=audit.REFUSED,
    )
    _leave_refusal(line)


def announce(
    kind: str,
    *,
    at: datetime,
    not_before: datetime | None = None,
    once: str = "",
    **keys: int | uuid.UUID | str,
) -> None:
    """One letter in the outbox, keys only; couriers deliver it from ``not_before`` on.

    Left again under the same name ``once``, it is there once.
    """
    outbox.announce(kind=kind, payload=keys, at=at, deliver_after=not_before, once=once)


def announce_all(
    kind: str, *, at: datetime, keys: Collection[Mapping[str, int | uuid.UUID | str]]
) -> None:
    """The same for many: one letter for each of these keys, to deliver at once."""
    outbox.announce_all(kind=kind, payloads=keys, at=at)


def concerning(person_id: int | None) -> None:
    """Tell whom the step at hand is about, so that a refusal can name them."""
    taken = _taken.get()
    if taken is not None and person_id is not None:
        taken.person_id = person_id


def act(event: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A step that changes something, traced as ``event`` when it is refused."""
    return _step(event, only_looks=False)


def looking(event: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A step that only reads, traced as ``event`` when it is refused."""
    return _step(event, only_looks=True)


@contextmanager
def one_transaction(*, only_looks: bool = False) -> Iterator[Taken]:
    """A transaction whose lines are written last, however many steps are taken in it.

    Nobody who has a lane of the journal then waits for anything else.
    """
    outer = _taken.get()
    if outer is not None:
        with _part_of(outer, only_looks=only_looks):
            yield outer
        return
    taken = Taken(only_looks=only_looks)
    token = _taken.set(taken)
    try:
        with transaction.atomic():
            yield taken
            if taken.lines:
                audit.append(taken.lines)
    finally:
        _taken.reset(token)
    request = _request.get()
    if request is not None:
        request.done += taken.lines


@contextmanager
def gathering() -> Iterator[Request]:
    """A request: what it looked at and was refused is written once, at its end.

    When that writing fails the error goes on, and nothing was shown: no answer without a trace.
    """
    request = Request()
    token = _request.set(request)
    try:
        yield request
    finally:
        _request.reset(token)
    lines = request.to_write()
    if lines:
        audit.append(lines)


@contextmanager
def _part_of(outer: Taken, *, only_looks: bool) -> Iterator[None]:
    """A step among others of one transaction: given up, it takes its lines back."""
    written, before, person_id = len(outer.lines), outer.only_looks, outer.person_id
    outer.only_looks = only_looks
    try:
        with transaction.atomic():
            yield
    except BaseException:
        del outer.lines[written:]
        raise
    finally:
        outer.only_looks, outer.person_id = before, person_id


def _step(event: str, *, only_looks: bool) -> Callable[[Callable[P, T]], Callable[P, T]]:
    def made(step: Callable[P, T]) -> Callable[P, T]:
        @wraps(step)
        def traced(*args: P.args, **kwargs: P.kwargs) -> T:
            person_id = None
            try:
                with one_transaction(only_looks=only_looks) as taken:
                    try:
                        return step(*args, **kwargs)
                    finally:
                        person_id, taken.person_id = taken.person_id, None
            except Refusal as refusal:
                _refused(event, kwargs, person_id, refusal)
                raise

        EVENTS[step.__name__] = event
        return traced

    return made


def _refused(event: str, asked: dict[str, Any], person_id: int | None, refusal: Refusal) -> None:
    """Leave a line of what was asked and refused, when we know by whom or about whom."""
    actor: Actor = asked.get("actor", SYSTEM)
    person_id = person_id or asked.get("person_id")
    if person_id is None and actor.account_id is None and actor.person_id is None:
        # Nobody in particular asked for nothing of anybody.
        return
    line = Line(
        at=asked["at"],
        actor_role=actor.role,
        actor_account=actor.account_id,
        event=event,
        object_kind=event.rsplit(".", 1)[0],
        object_id=_name_of(asked),
        person_id=person_id,
        on_behalf_of=actor.on_behalf_of,
        reason=refusal.code,
        result=audit.REFUSED,
    )
    _leave_refusal(line)


def _leave_refusal(line: Line) -> None:
    """In a transaction of its own: after the request, else now."""
    request = _request.get()
    if request is not None:
        request.refusals.append(line)
    else:
        audit.append([line])


def _name_of(asked: dict[str, Any]) -> str:
    """What was asked for: the first key among the step's arguments."""
    keys = (
        str(value)
        for name, value in asked.items()
        if name.endswith("_id") and name != "person_id" and value is not None
    )
    return next(keys, "")[:NAME_LENGTH]


def _subjects(line: Line) -> set[tuple[str, object]]:
    """Whom a line is about; the thing itself when it is nobody's."""
    people = {*line.people, *([line.person_id] if line.person_id is not None else [])}
    return {("person", one) for one in people} or {_thing(line)}


def _thing(line: Line) -> tuple[str, object]:
    return (line.object_kind, line.object_id)
