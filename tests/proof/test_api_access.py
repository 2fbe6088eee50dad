"""Who opens what of the API: every operation × every role × every kind of key, as declared.

The operations are found by walking the router, what is expected comes from web/access.py and
steps/permissions.py, who is tied to what from access_world.py.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from itertools import product as combined
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from tests.doors.api.program import Program, key_of
from tests.proof.access_world import DAY, NOW, SIGNED_IN, Side, browser_of, side
from tests.proof.pages import routes
from tests.proof.test_access_matrix import READERS, TIED

from soutien.doors.web.access import ACCESS, Door
from soutien.registers.accounts.models import Account
from soutien.registers.api_keys.models import ApiKey
from soutien.steps.permissions import NEEDS_SECOND_FACTOR, RULES, Relation

pytestmark = pytest.mark.django_db
_R = Relation
SCOPE = {"api_claim": "read", "api_year": "read", "api_send": "claim"}
# Whoever has the booking's id has its link; a claim, a sheet and a year are somebody's.
BY_LINK = ("api_confirm", "api_cancel", "api_move")
OF_ONESELF = ("api_year",)


@pytest.fixture
def sides() -> Iterator[tuple[Side, Side]]:
    logging.disable()
    with time_machine.travel(NOW, tick=False):
        yield side("Zibeline", "019990001"), side("Xylophone", "019990002")
    logging.disable(logging.NOTSET)


def operations() -> list[str]:
    """The operations that ask for a key."""
    return [name for name, _found in routes() if ACCESS[name].door is Door.KEY]


def address(route: str, whose: Side) -> str:
    things = {
        "api_confirm": whose.held,
        "api_cancel": whose.booked,
        "api_move": whose.booked,
        "api_send": whose.sheet,
        "api_claim": whose.claim,
    }
    return reverse(route, args=[things[route].public_id] if route in things else [])


def sent(route: str, whose: Side) -> dict[str, Any]:
    slot = {"place": whose.place.pk, "starts_at": (NOW + 4 * DAY).isoformat()}
    identity = {
        "given_name": "Ada",
        "family_name": "Lemaire",
        "birth_date": "1990-02-03",
        "email": "ada@example.org",
    }
    return {
        "api_hold": slot | {"psychologist": str(whose.psychologist.public_id)},
        "api_move": slot,
        "api_confirm": {"identity": identity},
    }.get(route, {})


def program(of: Side, role: str, **more: Any) -> Program:
    chosen = of.child.public_id if role == "guardian" else None
    return Program(key_of(of.accounts[role], **more), acting_for=chosen)


def asked(by: Client, route: str, whose: Side) -> HttpResponse:
    """One request, undone."""
    point = transaction.savepoint()
    path, access = address(route, whose), ACCESS[route]
    answer = by.post(path, sent(route, whose)) if access.posts else by.get(path)
    transaction.savepoint_rollback(point)
    # Rolled back it still stands: thousands of them, one inside the other, hold each a lock.
    transaction.savepoint_commit(point)
    return answer


def expected(route: str, role: str, *, tied: bool) -> bool:
    """Whether the two tables open an operation to a role."""
    access = ACCESS[route]
    ties = TIED.get(role, set()) if tied or route in OF_ONESELF else set()
    if route in BY_LINK:
        ties = ties | {_R.LINK}
    if route == "api_hold":
        # One's own time, or a psychologist's own agenda for somebody new.
        ties = TIED.get(role, set()) - {_R.MY_PATIENT}
        if not tied:
            ties = ties & {_R.OWN, _R.MY_WARD}
    return all(
        RULES[step].roles.get(role, frozenset()) & ties for step in (*access.reads, *access.writes)
    )


def test_every_cell_of_the_api_is_as_declared(sides: tuple[Side, Side]):
    ours, theirs = sides
    wrong, cells = [], 0
    for route, role in combined(operations(), SIGNED_IN):
        by = program(ours, role)
        for whose in sides:
            answer = asked(by, route, whose)
            want = expected(route, role, tied=whose is ours)
            cells += 1
            # Refused by who asks; 409 and 422 say that it was open and what was the matter.
            if (answer.status_code not in (401, 403, 404)) is not want:
                wrong.append((route, role, whose.word, answer.status_code, answer.content))
            shown = [word for word in theirs.secrets if word.encode() in answer.content]
            if shown and not (route in BY_LINK and whose is theirs):
                wrong.append((route, role, whose.word, shown))
            if answer.status_code >= 400:
                told = answer.json()
                assert {"code", "sentence", "remedy", "reference"} <= set(told)
    assert not wrong, "\n".join(map(str, wrong))
    assert cells == len(operations()) * len(SIGNED_IN) * 2 >= 150


def test_what_a_browser_holds_opens_nothing(sides: tuple[Side, Side]):
    """No cookie, so nothing that another site could make a browser send."""
    ours, _theirs = sides
    for route, reader in combined(operations(), READERS):
        answer = asked(browser_of(ours, reader), route, ours)
        assert answer.status_code in (400, 401), (route, reader, answer.status_code)
        assert not answer.cookies, (route, reader)
    assert ApiKey.objects.count() == 0


def close_account(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(is_active=False)


def revoke(account: Account) -> None:
    ApiKey.objects.filter(account=account).update(revoked_at=NOW)


def grow_old(account: Account) -> None:
    ApiKey.objects.filter(account=account).update(
        made_at=NOW - 2 * timedelta(days=1), valid_before=NOW
    )


@pytest.mark.parametrize("stop", [close_account, revoke, grow_old])
def test_a_key_that_is_over_opens_nothing_at_once(sides: tuple[Side, Side], stop: Any):
    ours, _theirs = sides
    for role in SIGNED_IN:
        by = program(ours, role)
        stop(ours.accounts[role])
        for route in operations():
            answer = asked(by, route, ours)
            assert answer.status_code == 401, (route, role)
            assert answer["WWW-Authenticate"] == "Bearer"


def test_a_key_opens_only_what_it_was_made_for(sides: tuple[Side, Side]):
    ours, _theirs = sides
    for route in operations():
        needed = SCOPE.get(route, "book")
        others = tuple(scope for scope in ("read", "book", "claim") if scope != needed)
        answer = asked(program(ours, "person", scopes=others), route, ours)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), route


def test_without_the_second_factor_a_key_of_such_a_role_opens_nothing(sides: tuple[Side, Side]):
    ours, _theirs = sides
    for route, role in combined(operations(), sorted(NEEDS_SECOND_FACTOR)):
        by = program(ours, role, second_factor=False)
        assert asked(by, route, ours).status_code == 401, (route, role)


def test_nobody_acts_for_a_child_who_is_not_theirs(sides: tuple[Side, Side]):
    ours, theirs = sides
    for role in ("person", "guardian", "psychologist"):
        by = Program(key_of(ours.accounts[role]), acting_for=theirs.child.public_id)
        answer = asked(by, "api_year", ours)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
