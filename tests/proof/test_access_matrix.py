"""Who opens what: every address × every role × every method, as declared, and nothing foreign.

What is expected comes from two tables only, doors/web/access.py and steps/permissions.py, and
from who is tied to what in access_world.py. Addresses are found by walking the router: one that
is not declared fails here, and is refused to everybody at once.
"""

from __future__ import annotations

import logging
import re
import string
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from itertools import cycle, islice
from itertools import product as combined
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse
from tests.proof.access_world import (
    NOW,
    OF_A_PSYCHOLOGIST,
    SIGNED_IN,
    Side,
    browser_of,
    enter,
    hand_over,
    side,
)
from tests.proof.pages import Form, forms_of, routes
from tests.proof.served import FULL, SECOND

from soutien.doors.web.access import ACCESS, Access, Door
from soutien.doors.web.person.drafts import HELD
from soutien.registers.accounts import open_sessions
from soutien.registers.accounts.models import Account
from soutien.registers.people.guardianships import Guardianship
from soutien.registers.psychologists.models import Replacement
from soutien.sealing import SealedTextField
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import (
    NEEDS_SECOND_FACTOR,
    ROLES,
    RULES,
    Data,
    Relation,
    Rule,
    allow,
    relations,
)

pytestmark = pytest.mark.django_db

METHODS = ("get", "head", "post", "put", "patch", "delete")
READERS = ("visitor", *ROLES)
# Who may open what is asked of steps, not of the engine: of the second, one cell in so many. A
# prime, so that every reader and every method has its turn.
ONE_IN = 5 if SECOND else 1
CHECKS_MIN, NEIGHBOURS = 2_000 // ONE_IN, 10_200 if FULL else 900 // ONE_IN
SAFE = ("get", "head")
OPENED, REFUSED, NO_METHOD = "opened", "refused", "no such method"
LOOPBACK = ip_network("127.0.0.0/8")
# An address that says gently that there is nothing (any more) to answer, whosever it was.
LIST_OF = {"inbox_line": "inbox"}
# The orders here are those of the fund: the insurer of the same people is a stranger to them.
ORDERS = {"fund_order", "fund_order_file"}
# One acts for nobody while one chooses for whom.
FOR_ONESELF = {"acting"}
_R = Relation
TIED = {
    "visitor": {_R.OWN},
    "person": {_R.OWN},
    "guardian": {_R.MY_WARD},
    "psychologist": {_R.MY_AGENDA, _R.MY_PATIENT, _R.MY_NEWCOMER},
    "replacement": {_R.MY_AGENDA, _R.MY_PATIENT, _R.MY_NEWCOMER},
    "doctor": {_R.MY_ACCOUNT},
    "fund_agent": {_R.MY_FUND},
    "fund_supervisor": {_R.MY_FUND},
    "insurer_agent": {_R.MY_MEMBERS},
    "town_editor": {_R.MY_TOWN},
    "town_author": {_R.MY_TOWN},
}


@dataclass
class World:
    """Two sides, a browser of ours for every reader, and what was found wrong."""

    ours: Side
    theirs: Side
    browsers: dict[str, Client]
    wrong: list[str] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)

    def check(self, kind: str, right: bool, *told: object) -> None:
        self.checked[kind] += 1
        if not right:
            self.wrong.append(f"{kind}: {' '.join(map(str, told))}")

    def done(self) -> None:
        """Print how much was tried; fail with everything that was not as declared."""
        print(", ".join(f"{kind}: {count}" for kind, count in self.checked.items()))
        assert not self.wrong, "\n".join([f"{len(self.wrong)} wrong", *self.wrong[:60]])


@pytest.fixture
def world() -> Iterator[World]:
    """Everything twice, on a Friday morning."""
    # Thousands of refusals are logged: nobody reads them here.
    logging.disable()
    machines = {"SECURITY_CONTACT": "securite@exemple.test", "METRICS_FROM": (LOOPBACK,)}
    with time_machine.travel(NOW, tick=False), override_settings(**machines):
        ours, theirs = side("Zibeline", "019990001"), side("Xylophone", "019990002")
        hand_over(ours)
        hand_over(theirs)
        yield World(ours, theirs, {role: browser_of(ours, role) for role in READERS})
    logging.disable(logging.NOTSET)


def test_every_table_of_what_is_said_in_care_is_tried(world: World):
    """Each sealed table of care has a row of both sides, and words that would be seen if shown."""
    # Scales, answers and codes; letters sealed by their code: no word to look for in a row.
    wordless = {
        "measures.Questionnaire",
        "measures.Outcome",
        "measures.Review",
        "writings.Deposit",
    }
    for app in ("care", "measures", "writings"):
        for model in apps.get_app_config(app).get_models():
            names = [f.name for f in model._meta.fields if isinstance(f, SealedTextField)]
            if not names:
                continue
            rows = [str(row) for row in model._default_manager.values_list(*names)]
            for one in (world.ours, world.theirs):
                label = model._meta.label
                shown = rows if label in wordless else [row for row in rows if one.word in row]
                assert shown, f"{label}: nothing of {one.word}"


@contextmanager
def undone(browser: Client) -> Iterator[None]:
    """Whatever is written inside is not, and the browser forgets what it was told."""
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    point = transaction.savepoint()
    yield
    transaction.savepoint_rollback(point)
    # Rolled back it still stands: thousands of them, one inside the other, hold each a lock.
    transaction.savepoint_commit(point)
    browser.cookies.clear()
    for name, value in cookies.items():
        browser.cookies[name] = value


def asked(browser: Client, method: str, path: str, told: Any = None) -> HttpResponse:
    """One request, undone."""
    with undone(browser):
        return getattr(browser, method)(path, told) if told else getattr(browser, method)(path)


def outcome(route: str, answer: HttpResponse) -> str:
    """What became of a request: opened, refused, or not a method of the address."""
    if answer.status_code == 405:
        return NO_METHOD
    if answer.status_code in (403, 404):
        return REFUSED
    if answer.status_code in (301, 302):
        path = urlsplit(answer["Location"]).path.removeprefix("/en")
        refusals = {reverse("sign_in")} | (
            {reverse(LIST_OF[route])} if route in LIST_OF else set()
        )
        return REFUSED if path in refusals else OPENED
    return OPENED if answer.status_code < 500 else f"failed with {answer.status_code}"


def declared() -> list[str]:
    """The addresses of the router that a browser may open outside development."""
    return [name for name, _parameters in routes() if name not in TESTED_ELSEWHERE]


# They need what was just begun or made (a link, a code, an answer): their own tests begin it.
TESTED_ELSEWHERE: set[str] = {
    name
    for name, access in ACCESS.items()
    if name.startswith(("identity_", "pretend_", "api_")) or name in {
        "second_factor", "open_link", "join_finish", "confirm_email", "reset_password",
        "open_recovery", "stop_recovery", "finish_recovery", "open_own_space",
        "security_passkey", "security_end_one", "security_codes_file",
    }
}  # fmt: skip


def expected(route: str, reader: str, method: str, *, tied: bool, exists: bool = True) -> str:
    """What the two tables say of one cell."""
    access = ACCESS[route]
    role = "person" if reader == "visitor" else reader
    if method not in methods(access):
        return NO_METHOD
    if access.door is Door.PUBLIC:
        return OPENED
    if access.door is Door.DEMO or not exists:
        return REFUSED
    if access.door is Door.LINK:
        return OPENED if opens(access, method, role, {_R.LINK}, "anonymous") else REFUSED
    if access.door is Door.BROWSER:
        return OPENED if tied else REFUSED
    if access.door is Door.ACCOUNT:
        return OPENED if reader not in ("anonymous", "visitor") else REFUSED
    if role not in access.roles or (reader == "visitor" and route in FOR_ONESELF):
        return REFUSED
    if reader == "visitor" and access.needs_account:
        return REFUSED
    ties = TIED.get(reader, set()) if tied or route in OF_A_PSYCHOLOGIST else set()
    if route in ORDERS and reader == "insurer_agent":
        ties = set()
    if route in FOR_ONESELF:
        ties = {_R.OWN, _R.MY_AGENDA}
    return OPENED if opens(access, method, role, ties) else REFUSED


def methods(access: Access) -> set[str]:
    """The methods an address has."""
    found = {"post"} if access.posts else set()
    return found | set(SAFE) if access.gets else found


def opens(
    access: Access, method: str, role: str, ties: set[Relation], otherwise: str = ""
) -> bool:
    """Whether the table of steps opens the address: to read, and to write when it is written."""
    wanted = (
        [access.reads] if method in SAFE or not access.writes else [access.reads, access.writes]
    )

    def open_to(who: str, steps: tuple[str, ...]) -> bool:
        return any(
            RULES[step].roles.get(who, frozenset()) & (ties | {_R.ANYONE}) for step in steps
        )

    return all(
        not steps or open_to(role, steps) or bool(otherwise and open_to(otherwise, steps))
        for steps in wanted
    )


def foreign(world: World, answer: HttpResponse) -> list[str]:
    """What of the other side an answer shows."""
    page = b"".join(answer) if answer.streaming else answer.content
    headers = " ".join(str(value) for value in answer.headers.values())
    return [word for word in world.theirs.secrets if word.encode() in page or word in headers]


def test_every_address_and_every_step_is_declared():
    names = {name for name, _parameters in routes()}
    assert not names - set(ACCESS)
    # The gallery is an address of development only.
    assert not set(ACCESS) - names - {"gallery"}
    for route, access in ACCESS.items():
        for step in (*access.reads, *access.writes):
            assert step in RULES, f"{route}: {step} is no step"
        assert access.roles <= set(ROLES), route
        assert bool(access.roles) == (access.door is Door.ROLES), route
        for role in access.roles:
            step = access.reads or access.writes
            assert any(role in RULES[one].roles for one in step), f"{route}: {role} has no {step}"


def test_each_side_has_an_insurer_and_a_town_of_its_own(world: World):
    """What opens to one's members or town opens ours to ours: the cells below would see."""
    for role, step, name in (
        ("insurer_agent", "read_of_members", "insurer_code"),
        ("town_editor", "write_of_town", "town_code"),
    ):
        ours, theirs = (getattr(side.accounts[role], name) for side in (world.ours, world.theirs))
        assert ours and theirs and ours != theirs
        actor = Actor(role, world.ours.accounts[role].pk, **{name: ours})
        [tie] = TIED[role]
        rule = Rule(frozenset({Data.MONEY}), {role: frozenset({tie})})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("soutien.steps.permissions.RULES", {step: rule})
            allow(actor, step, relations(actor, **{name: ours}))
            with pytest.raises(Refusal):
                allow(actor, step, relations(actor, **{name: theirs}))


def test_an_address_without_a_row_is_refused_to_everybody(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("soutien.doors.web.access.ACCESS", {})
    for reader, route in combined(READERS, ("home", "year", "booking", "health")):
        answer = asked(world.browsers[reader], "get", world.ours.path(route))
        world.check("undeclared", answer.status_code == 404, reader, route)
    world.done()


def test_every_cell_is_as_declared(world: World):
    """Ours: opened as declared. Theirs, the same role: nothing. Nothing there: the same."""
    for route, reader, method in every(combined(declared(), READERS, METHODS), ONE_IN):
        browser = world.browsers[reader]
        if not FULL and method not in ("get", "post") and reader not in ("anonymous", "person"):
            continue
        for whose in (world.ours, world.theirs):
            if whose is world.theirs and not ({"public_id", "token"} & set(whose.argument(route))):
                continue
            with with_own_hold(browser, world.ours, route):
                answer = asked(browser, method, whose.path(route), form_of(route, method, whose))
            want = expected(route, reader, method, tied=whose is world.ours)
            found = outcome(route, answer)
            world.check(
                "cell", found == want, route, reader, method, whose.word, found, "not", want
            )
            if ACCESS[route].door is not Door.LINK or whose is world.ours:
                seen = foreign(world, answer)
                world.check("nothing foreign", not seen, route, reader, method, whose.word, seen)
    assert world.checked["cell"] >= CHECKS_MIN
    world.done()


def form_of(route: str, method: str, whose: Side) -> dict[str, str] | None:
    """What a form of the address sends, where nothing at all would be refused."""
    agreed = {"purpose": "research", "version": "1", "answer": "yes"}
    forms = {"book_slot": whose.slot, "acting": {"whom": "me"}, "own_consents": agreed}
    # A version that is there.
    forms |= dict.fromkeys(("desk_publish", "desk_versions"), {"number": "1"})
    return forms.get(route) if method == "post" else None


@contextmanager
def with_own_hold(browser: Client, ours: Side, route: str) -> Iterator[None]:
    """The browser keeps our time, for the screens that only its own browser opens."""
    if ACCESS[route].door is not Door.BROWSER:
        yield
        return
    with undone(browser):
        session = browser.session
        session[HELD] = str(ours.held.public_id)
        session["typed_identity"] = ""
        session.save()
        yield


def test_a_cell_opened_to_whom_it_is_not_is_seen(world: World, monkeypatch: pytest.MonkeyPatch):
    """The twin: a page that forgets to ask whose a thing is opens cells it must not."""
    for step in ("look", "notice"):
        monkeypatch.setattr(f"soutien.steps.{step}.allow", lambda *_args: None)
    for route, reader in combined(("sheet", "fund_claim", "close"), READERS):
        answer = asked(world.browsers[reader], "get", world.theirs.path(route))
        want, found = expected(route, reader, "get", tied=False), outcome(route, answer)
        world.check("cell", found == want, route, reader)
        world.check("nothing foreign", not foreign(world, answer), route, reader)
    for kind, route in combined(("cell", "nothing foreign"), ("sheet", "fund_claim", "close")):
        assert any(line.startswith(f"{kind}: {route}") for line in world.wrong), (kind, route)


def end_sessions(accounts: list[int]) -> None:
    for account_id in accounts:
        open_sessions.end_all(account_id, at=NOW, why="ended")


def lose_sessions(_accounts: list[int]) -> None:
    Session.objects.all().delete()


def close_accounts(accounts: list[int]) -> None:
    Account.objects.filter(pk__in=accounts).update(is_active=False)


@pytest.mark.parametrize("stop", [end_sessions, lose_sessions, close_accounts])
def test_a_closed_account_and_an_ended_session_open_what_nobody_opens(
    world: World, stop: Callable[[list[int]], None]
):
    """Everywhere at once: from the next request on they are strangers."""
    stop([account.pk for account in world.ours.accounts.values()])
    for route, role, method in combined(declared(), SIGNED_IN, ("get", "post")):
        door = ACCESS[route].door
        if door is Door.BROWSER or not (FULL or door in (Door.ROLES, Door.ACCOUNT)):
            continue
        if not FULL and method == "post" and ACCESS[route].gets:
            continue
        told = form_of(route, method, world.ours)
        answer = asked(world.browsers[role], method, world.ours.path(route), told)
        want, found = expected(route, "anonymous", method, tied=True), outcome(route, answer)
        world.check(stop.__name__, found == want, route, role, method, found, "not", want)
    world.done()


def test_a_session_ends_by_itself(world: World):
    later = NOW + timedelta(seconds=settings.SESSION_COOKIE_AGE + 60)
    with time_machine.travel(later, tick=False):
        for role in SIGNED_IN:
            for route in ("year", "day", "fund_claims", "acting"):
                answer = asked(world.browsers[role], "get", world.ours.path(route))
                world.check("too old", outcome(route, answer) == REFUSED, role, route)
    world.done()


def test_rights_that_are_over_open_nothing(world: World):
    """Of age, ended by a decision, replaced no more: from the next request on."""
    cases: list[tuple[str, str, list[str]]] = [
        ("guardian", "child", ["claim_person", "sheet", "sheet_pdf", "own_money", "send_sheet"]),
        ("replacement", "practice", ["day_of", "close", "cancel_visit", "inbox", "sheet"]),
    ]
    for role, what, addresses in cases:
        for route in addresses:
            answer = asked(browser_of(world.ours, role), "get", world.ours.path(route))
            world.check("before", outcome(route, answer) != REFUSED, role, route)
        if what == "child":
            Guardianship.objects.filter(child=world.ours.child).update(
                valid_before=NOW.date(), ended_for="judgment"
            )
        else:
            Replacement.objects.filter(replaced=world.ours.psychologist).update(
                valid_before=NOW.date()
            )
        for route in addresses:
            answer = asked(browser_of(world.ours, role), "get", world.ours.path(route))
            closed = NO_METHOD if not ACCESS[route].gets else REFUSED
            found = outcome(route, answer)
            # Nobody to replace: the page where one chooses, which says so.
            away = answer.status_code == 302 and reverse("acting") in answer["Location"]
            world.check("after", found == closed or away, role, route, found)
    world.done()


# What parents of a teenager reach in their space: appointments, bills, and the choice of for whom.
OF_A_TEENAGER = {
    *("acting", "year", "book_follow_up", "plan"),
    *(
        "claim_person",
        "claim_contest",
        "sheet",
        "sheet_json",
        "sheet_pdf",
        "own_money",
        "send_sheet",
    ),
    *("receipts", "receipt"),
}


def test_parents_of_a_teenager_reach_appointments_and_bills_and_nothing_else(world: World):
    """Every address of a guardian, read and written: never notes, answers, scores, documents."""
    with override_settings(OWN_SPACE_AGE_YEARS=NOW.year - 2013):
        browser, opened = browser_of(world.ours, "guardian"), set()
        clinical = [f"{world.ours.word} dort mal", str(world.ours.outcome.public_id)]
        for route, method in combined(declared(), ("get", "post")):
            access = ACCESS[route]
            if "guardian" not in access.roles and access.door not in (Door.ROLES, Door.PUBLIC):
                continue
            told = form_of(route, method, world.ours)
            answer = asked(browser, method, world.ours.path(route), told)
            page = b"".join(answer) if answer.streaming else answer.content
            seen = [word for word in clinical if word.encode() in page]
            world.check("nothing clinical", not seen, route, method, seen)
            if access.door is Door.ROLES and outcome(route, answer) == OPENED:
                opened.add(route)
        assert opened == OF_A_TEENAGER
        # The page of the care, days without words, is the young person's to open and to close.
        for given, want in ((True, OPENED), (False, REFUSED)):
            own = world.browsers["person"]
            told = {"purpose": "care_days", "version": "1", "answer": "yes" if given else "no"}
            assert own.post(world.ours.path("own_consents"), told).status_code == 302
            answer = asked(browser, "get", world.ours.path("own_care"))
            world.check("own care", outcome("own_care", answer) == want, given)
            world.check("no words", clinical[0].encode() not in answer.content, given)
    world.done()


def test_on_the_day_of_majority_the_parent_reads_nothing_more(world: World):
    of_age = NOW.replace(year=2031, month=5, day=17, hour=0)
    browsers = []
    for moment, want in ((of_age - timedelta(hours=3), OPENED), (of_age, REFUSED)):
        with time_machine.travel(moment, tick=False):
            browser = enter(world.ours.accounts["guardian"], world.ours.child.public_id)
            browsers.append(browser)
            answer = asked(browser, "get", world.ours.path("claim_person"))
            assert outcome("claim_person", answer) == want


def test_without_a_second_factor_no_page_of_others_opens(world: World):
    asking = {"security_start", "security_prove", "second_factor", "sign_in"}
    pages = {urlsplit(reverse(name)).path for name in asking}
    for role, route in every(combined(sorted(NEEDS_SECOND_FACTOR), declared()), ONE_IN):
        if ACCESS[route].door is not Door.ROLES:
            continue
        browser = enter(world.ours.accounts[role], second_factor=False)
        method = "get" if ACCESS[route].gets else "post"
        answer = asked(browser, method, world.ours.path(route))
        away = answer.status_code == 302 and urlsplit(answer["Location"]).path in pages
        world.check("second factor", away or outcome(route, answer) == REFUSED, role, route)
    world.done()


VOLATILE = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"')


def test_not_yours_and_not_there_read_the_same(world: World):
    for route, reader in every(combined(declared(), READERS), ONE_IN):
        [*names] = world.theirs.argument(route)
        if ACCESS[route].door not in (Door.ROLES, Door.BROWSER) or names != ["public_id"]:
            continue
        if route in OF_A_PSYCHOLOGIST:
            continue
        for method in sorted(methods(ACCESS[route]) - {"head"}):
            browser, read = world.browsers[reader], []
            for public_id in (world.theirs.argument(route)["public_id"], uuid4()):
                path = reverse(route, args=[public_id])
                answer = asked(browser, method, path)
                page = VOLATILE.sub("", answer.content.decode()).replace(str(public_id), "")
                # Every answer has a name of its own, shown to who needs help.
                page = page.replace(answer.headers["X-Request-ID"], "")
                place = answer.headers.get("Location", "").replace(str(public_id), "")
                read.append((answer.status_code, place, page))
            world.check(
                "same words", read[0] == read[1], route, reader, method, read[0][:2], read[1][:2]
            )
    world.done()


def neighbours(public_id: UUID) -> Iterator[UUID]:
    """Ids beside one that is known."""
    for step in range(1, 1_000):
        yield UUID(int=(public_id.int + step) % 2**128)
        yield UUID(int=(public_id.int - step) % 2**128)


def bent(token: str) -> Iterator[str]:
    """Tokens beside one that is known: a letter changed, the name of one under another's seal."""
    letters = string.ascii_letters + string.digits
    for place, letter in combined(range(len(token)), letters):
        if token[place] not in {letter, "."}:
            yield f"{token[:place]}{letter}{token[place + 1 :]}"


def wrong_addresses(world: World) -> Iterator[tuple[str, str]]:
    """Addresses beside those of both sides, and those of the other side, mixed."""
    sources = []
    for route in declared():
        if ACCESS[route].door is Door.PUBLIC or route in OF_A_PSYCHOLOGIST:
            continue
        for whose in (world.theirs, world.ours):
            for name, value in whose.argument(route).items():
                if isinstance(value, UUID):
                    sources.append((route, name, neighbours(value)))
                elif name == "token":
                    sources.append((route, name, bent(value)))
        if list(world.theirs.argument(route)) == ["public_id"]:
            foreign = [
                thing.public_id for thing in world.theirs.things if hasattr(thing, "public_id")
            ]
            sources.append((route, "public_id", iter(foreign)))
    for route, name, values in islice(cycle(sources), 10**6):
        value = next(values, None)
        if value is not None:
            yield route, reverse(route, kwargs=world.ours.argument(route) | {name: value})


def numbers_of(whose: Side) -> list[str]:
    """What a form could name of a side: numbers, public ids, and the numbers beside."""
    found: list[str] = []
    for thing in whose.things:
        found += [str(thing.pk), str(thing.pk + 1)]
        if hasattr(thing, "public_id"):
            found.append(str(thing.public_id))
    return list(dict.fromkeys(found))


NAMES_A_ROW = re.compile(r"^\d+$|^[0-9a-f]{8}-[0-9a-f-]{27}$|^\d+ \d{4}-")
HOLDS_A_NUMBER = re.compile(r"\d+")


def forged(form: Form, others: list[str]) -> Iterator[dict[str, str]]:
    """The form with each field that names a row naming another's; fields themselves too."""
    for name, value in form.fields.items():
        for other in others:
            if NAMES_A_ROW.match(value) or not value:
                rest = value.partition(" ")[2]
                yield form.fields | {name: f"{other} {rest}" if rest else other}
            if HOLDS_A_NUMBER.search(name) and other.isdecimal():
                renamed = HOLDS_A_NUMBER.sub(other, name)
                yield {key: told for key, told in form.fields.items() if key != name} | {
                    renamed: value
                }


def forged_forms(world: World) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """Every form that a reader of ours meets, sent with what is the other side's."""
    others = numbers_of(world.theirs)
    for reader, route in combined(READERS, declared()):
        if not ACCESS[route].gets or not ACCESS[route].posts:
            continue
        path = world.ours.path(route)
        answer = asked(world.browsers[reader], "get", path)
        if answer.status_code != 200:
            continue
        for form in forms_of(answer.content.decode()):
            if form.method == "post":
                action = urlsplit(form.action or path).path
                yield from ((reader, "post", action, told) for told in forged(form, others))


def every(some: Iterator[Any], one_in: int) -> Iterator[Any]:
    """One in so many, the first included."""
    return islice(some, 0, None, one_in)


def test_ten_thousand_ids_beside_ours_show_and_change_nothing_foreign(world: World):
    """In addresses and in every field of every form that could name something."""
    before = world.theirs.state()
    addresses = wrong_addresses(world)
    readers = cycle(READERS)
    for (route, path), reader in zip(
        islice(addresses, NEIGHBOURS * 2 // 3), readers, strict=False
    ):
        answer = asked(world.browsers[reader], "get" if ACCESS[route].gets else "post", path)
        world.check("address", not foreign(world, answer), reader, path)
        world.check("address refused", outcome(route, answer) in (REFUSED, OPENED), reader, path)
    for reader, method, path, told in islice(
        every(forged_forms(world), 1 if FULL else 7), NEIGHBOURS // 3
    ):
        browser = world.browsers[reader]
        with undone(browser):
            answer = getattr(browser, method)(path, told)
            changed = world.theirs.state() != before
        world.check("form", not foreign(world, answer), reader, path, told)
        world.check("form changes nothing", not changed, reader, path, told)
    tried = world.checked["address"] + world.checked["form"]
    print(f"{tried} ids tried")
    assert tried >= (10_000 if FULL else NEIGHBOURS * 9 // 10)
    world.done()


@override_settings(DEMO=True)
def test_the_demo_opens_its_mailbox_and_nothing_else(world: World):
    answer = asked(world.browsers["anonymous"], "get", reverse("mailbox"))
    assert answer.status_code == 200
    assert asked(world.browsers["anonymous"], "get", world.ours.path("year")).status_code == 302
