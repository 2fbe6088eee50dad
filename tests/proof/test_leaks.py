"""Two hundred things that tell who somebody is, planted by real use: they are found nowhere.

Twenty-five people (eight in the short form) book, wait, ask to be called back, are received and
paid for, over HTTP with two processes and the courier; their programs ask the API, rightly and
wrongly, and they take their own data. Then everything that leaves the product, or stays beside it,
is read: logs at their most talkative, addresses, subjects, calendars, measures, error pages, what
programs are answered, the database's own bytes, a backup. One's own data hold one's own traits and
nobody else's. Each search has its twin: a thing planted there on purpose is found.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import shutil
import subprocess
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, connections
from django.urls import reverse
from django.utils import timezone
from tests import factories as make
from tests.doors.api.program import key_of
from tests.doors.web.documents.papers import a_pdf, a_stream
from tests.migrated_once import PostgresCopy, SqliteCopy
from tests.proof import town
from tests.proof.clients import Answer, Browser, account_session
from tests.proof.conftest import over_scratch
from tests.proof.served import (
    FULL,
    HOST,
    SOUTIEN,
    Product,
    environment_of,
    files_of_pages,
)
from tests.proof.town import HELD, WHO, Room

from soutien.registers.accounts.models import Account, Role
from soutien.registers.claims.models import CareSheet, Claim
from soutien.registers.documents.models import Document
from soutien.registers.outbox.models import Letter, LocalMessage
from soutien.registers.people.models import Person

# Each has eight traits: two hundred in the full form.
PEOPLE = 25 if FULL else 8
MAILBOX = "soutien.doors.couriers.mailbox.LocalMailbox"
TALKATIVE = {
    "SOUTIEN_LOG": "json",
    "SOUTIEN_LOG_LEVEL": "DEBUG",
    "SOUTIEN_MAIL_COURIER": MAILBOX,
    "SOUTIEN_TEXT_COURIER": MAILBOX,
    "SOUTIEN_METRICS_TOKEN": "a-token-for-the-proof",
    "SOUTIEN_WARM_SECONDS": "0",
}


@dataclass(frozen=True)
class Canary:
    """One made-up person, whose every trait stands nowhere else."""

    nir: str
    family_name: str
    email: str
    phone: str
    words: str
    # What the same person says of themselves to those who will call back.
    called: str
    other_email: str
    other_phone: str

    @property
    def traits(self) -> tuple[str, ...]:
        return astuple(self)


@dataclass
class Seen:
    """What left the product while they used it, beside the pages that are theirs."""

    addresses: list[str] = field(default_factory=list)
    pages_of_errors: list[str] = field(default_factory=list)
    calendars: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    # Whose, and what: answers to programs, and everything about oneself.
    told: list[tuple[Canary, str]] = field(default_factory=list)
    taken: list[tuple[Canary, str]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


def canaries() -> list[Canary]:
    made = []
    for number in range(PEOPLE):
        word = secrets.token_hex(5)
        made.append(
            Canary(
                make.made_up_nir(310_000 + secrets.randbelow(600) * 1000 + number),
                f"Zq{word}",
                f"kanari.{word}@example.org",
                f"06399{secrets.randbelow(1000):03}{number:02}",
                f"Xw{word} Toute-Seule",
                f"Kv{word}",
                f"kanari.{word}@example.net",
                f"07399{secrets.randbelow(1000):03}{number:02}",
            )
        )
    return made


def writings(trait: str) -> list[bytes]:
    """The ways a trait may be written somewhere: as it is, spaced, in an address, encoded."""
    ways = {trait, quote(trait), trait.lower(), trait.upper(), json.dumps(trait)[1:-1]}
    if trait.isdigit():
        ways |= {" ".join(re.findall(r"\d{2}", trait)), f"+33{trait[1:]}"}
    plain = [way.encode() for way in ways]
    encoded = [base64.b64encode(trait.encode()), trait.encode().hex().encode()]
    return [*plain, *encoded]


def found(place: bytes, planted: list[Canary]) -> list[str]:
    """Which traits stand in some bytes, however they are written."""
    return [
        trait
        for canary in planted
        for trait in canary.traits
        if any(way in place for way in writings(trait))
    ]


@contextmanager
def one_file(home: Path, tables: Path) -> Iterator[Product]:
    """The product over a SQLite file of its own, which the tests' connection uses too."""
    connections.close_all()
    before, path = connection.settings_dict["NAME"], home / "leaks.sqlite3"
    url = f"sqlite:///{quote(str(path))}"
    shutil.copyfile(tables, path)
    files_of_pages(url, home)
    connection.settings_dict["NAME"] = str(path)
    product = Product(url, home)
    try:
        yield product
    finally:
        product.stop()
        connections.close_all()
        connection.settings_dict["NAME"] = before


@dataclass
class Used:
    """The product after it was used, and what was seen of it."""

    product: Product
    planted: list[Canary]
    seen: Seen


@pytest.fixture(scope="module")
def used(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    tables_kept: SqliteCopy | PostgresCopy,
    django_db_blocker: Any,
) -> Iterator[Used]:
    """Used once for the module; on PostgreSQL over a scratch database, else over a file."""
    home = tmp_path_factory.mktemp("leaks")
    patch = pytest.MonkeyPatch()
    patch.setattr(
        "tests.proof.served.environment_of",
        lambda url, where: environment_of(url, where) | TALKATIVE,
    )
    with django_db_blocker.unblock():
        if isinstance(tables_kept, PostgresCopy):
            template = request.getfixturevalue("template")
            homes = request.getfixturevalue("homes")
            with over_scratch(template, homes, django_db_blocker) as made:
                yield use(made())
        else:
            with one_file(home, tables_kept.file) as product:
                yield use(product)
    patch.undo()


def use(product: Product) -> Used:
    """Everything they do, spread over two processes, with the courier's turns."""
    planted, seen, room = canaries(), Seen(), town.room()
    for _process in range(2):
        product.start()
    for number, canary in enumerate(planted):
        browser = Browser(product.ports[number % 2])
        try:
            a_visit(browser, room, canary, number, seen)
        finally:
            browser.close()
    sessions_held(product, room, planted, seen)
    courier(product)
    everybody_reads(product, room, seen)
    programs_ask(product, room, planted, seen)
    own_data_taken(product, planted, seen)
    for number, port in enumerate(product.ports):
        browser = Browser(port)
        wrong_ways(browser, planted[number:8:2], seen)
        browser.close()
    return Used(product, planted, seen)


def a_visit(browser: Browser, room: Room, canary: Canary, number: int, seen: Seen) -> None:
    """One person books, after two forms that are refused; waits, and asks to be called back."""
    browser.take_token()
    browser.forget_session()
    free = room.free(timezone.now() + (1 + number // 8) * town.DAY, 2)
    form = room.asked(free[number % 8])
    who = WHO | {"family_name": canary.family_name, "email": canary.email, "phone": canary.phone}
    who |= {"given_name": canary.words}
    kept = noted(seen, browser.post(room.path, form))
    refused = noted(seen, browser.post(kept.location, who | {"birth_date": canary.words}))
    assert refused.status in (200, 422), refused.body
    check = noted(seen, browser.post(kept.location, who))
    assert check.location.endswith("/verifier"), check.body
    booked = noted(seen, browser.post(check.location, {}))
    seen.own.append(browser.get(booked.location).body)
    seen.calendars.append(browser.get(f"{booked.location}.ics").body)
    owner = room.psychologist.public_id
    contact = {"called": canary.called, "email": canary.other_email, "phone": canary.other_phone}
    for name, more in (("join_for_one", {"need": "steady"}), ("call_back", {})):
        path = reverse(name, kwargs={"public_id": owner})
        page = browser.get(path)
        wrong = noted(seen, browser.post(path, contact | more | {"email": canary.words}))
        assert wrong.status < 500
        told = contact | more | chosen(page.body)
        noted(seen, browser.post(path, told))


def chosen(page: str) -> dict[str, str]:
    """The first choice of every group of a page, as a browser would send it."""
    pairs = re.findall(r'<input type="radio" name="(\w+)" value="([^"]+)"', page)
    return dict(reversed(pairs))


def noted(seen: Seen, answer: Answer) -> Answer:
    """Where a browser is sent and what it may ask next: that is said to others as a Referer."""
    assert answer.status < 500, answer.body
    seen.addresses.append(answer.location)
    found_there = re.findall(r'(?:href|action|src)="([^"]*)"', answer.body)
    # A practice calls and writes to who asked for it: no browser asks these of anybody.
    seen.addresses += [one for one in found_there if not one.startswith(("tel:", "mailto:"))]
    seen.addresses += re.findall(r"<title>(.*?)</title>", answer.body, re.DOTALL)
    return answer


def sessions_held(product: Product, room: Room, planted: list[Canary], seen: Seen) -> None:
    """The psychologist closes yesterday's sessions with numbers typed, and sends the sheets."""
    yesterday = timezone.now() - town.DAY
    browser = Browser(product.ports[0], session=account_session(room.account()))
    browser.take_token()
    slots = room.free(timezone.now() - 8 * town.DAY, 7)
    for canary, slot in zip(planted, slots, strict=False):
        person = make.person(
            at=yesterday,
            family_name=canary.family_name,
            given_name=canary.words,
            email=canary.email,
            phone=canary.phone,
        )
        past = town.booked(room, person, slot, "evaluation", slot.starts_at - 7 * town.DAY)
        told = HELD | {"regime": "general", "fund_code": make.FUND, "asks_rights": "1"}
        # The name of an insurer is no secret: docs/encryption.md says why it is kept in clear.
        told |= {"amc": "on", "insurer_name": "Mutuelle d’exemple"}
        path = town.close_path(past)
        noted(seen, browser.post(path, told | {"nir": f"{canary.nir[:-1]}x"}))
        closed = browser.post(path, told | {"nir": canary.nir})
        assert closed.status == 302, closed.body
        sheet = CareSheet.objects.get(person=person)
        noted(seen, browser.get(f"/feuilles/{sheet.public_id}"))
        sent = browser.post(f"/feuilles/{sheet.public_id}/envoyer", {})
        seen.addresses += [closed.location, sent.location]
    browser.close()


def courier(product: Product) -> None:
    """The courier's turns, until nothing is due."""
    environment = environment_of(product.url, product.home) | TALKATIVE
    with product.log.open("ab") as log:
        for _turn in range(3):
            subprocess.run(
                [*SOUTIEN, "deliver", "--once"],
                env=environment,
                cwd=product.home,
                stdout=log,
                stderr=log,
                check=False,
            )


def everybody_reads(product: Product, room: Room, seen: Seen) -> None:
    """Pages of each side, the practice's calendar, and the people's own data."""
    port = product.ports[1]
    practice = Browser(port, session=account_session(room.account()))
    practice.take_token()
    for path in ("/cabinet", "/cabinet/demandes", "/cabinet/calendriers"):
        noted(seen, practice.get(path))
    shared = practice.post("/cabinet/calendriers", {"act": "share"})
    for address in re.findall(r"/calendriers/[^\s\"<]+\.ics", shared.body):
        reader = Browser(port)
        seen.calendars.append(reader.get(address).body)
        reader.close()
    agent = make.account(Role.FUND_AGENT, fund_code=make.FUND)
    fund = Browser(port, session=account_session(agent))
    fund.take_token()
    noted(seen, fund.get("/caisse"))
    # Yesterday's people, by their traits: one of them opens their own year.
    person = Person.objects.order_by("-pk").first()
    assert person is not None
    own = Browser(port, session=account_session(town.account_of(person)))
    own.take_token()
    for path in ("/mon-annee", "/mes-donnees/acces"):
        noted(seen, own.get(path))
    a_paper(own, practice, person, seen)
    for browser in (practice, fund, own):
        browser.close()


def a_paper(own: Browser, practice: Browser, person: Person, seen: Seen) -> None:
    """A paper that names its owner, inside and by its name, added and read by who treats them."""
    inside = " ".join([person.nir, person.family_name, person.given_name, person.email])
    named = f"{person.family_name} {person.given_name} {person.nir}.pdf"
    path, content = reverse("own_documents"), a_pdf(a_stream(inside.encode(), b""))
    no_paper = noted(
        seen, own.send_file(path, {"kind": "other"}, ("file", named, inside.encode()))
    )
    assert no_paper.status == 422
    added = noted(seen, own.send_file(path, {"kind": "other"}, ("file", named, content)))
    assert added.status == 302, added.body
    noted(seen, own.get(path))
    paper = Document.objects.get(person=person)
    read = practice.get(reverse("document", args=[paper.public_id]))
    assert inside in read.body


def own_person(canary: Canary) -> Person:
    """Who was received, and gave their number."""
    return next(person for person in Person.objects.all() if person.nir == canary.nir)


def programs_ask(product: Product, room: Room, planted: list[Canary], seen: Seen) -> None:
    """Programs of each person: their year and claim; then everything wrong, with their traits."""
    for number, canary in enumerate(planted):
        person = own_person(canary)
        account = make.account(Role.PERSON, person=person)
        line = HTTPConnection(HOST, product.ports[number % 2], timeout=60)
        bearer = {"Authorization": f"Bearer {key_of(account)}", "Accept-Language": "en"}
        claim = Claim.objects.get(care_sheet__person=person)
        for path in ("me/year", f"claims/{claim.public_id}"):
            told = asked(line, "GET", path, bearer)
            assert told.status == 200, told.body
            seen.told.append((canary, told.body))
        for method, path, headers, body in wrong_requests(canary, room, bearer):
            told = asked(line, method, path, headers, body)
            assert 400 <= told.status < 500, (path, told.status, told.body)
            seen.refusals.append(told.body)
        line.close()


def wrong_requests(
    canary: Canary, room: Room, bearer: dict[str, str]
) -> Iterator[tuple[str, str, dict[str, str], Any]]:
    """What a program that errs may send, with a trait wherever it does not belong."""
    repeat = bearer | {"Idempotency-Key": canary.words}
    owner = str(room.psychologist.public_id)
    yield "GET", "me/year", {"Authorization": f"Bearer {canary.nir}"}, None
    yield "GET", "me/year", bearer | {"Acting-For": canary.nir}, None
    yield "GET", f"claims/{quote(canary.words)}", bearer, None
    yield "GET", f"me/year?{urlencode({'year': canary.nir})}", bearer, None
    yield "GET", f"psychologists?{urlencode({'lat': canary.email, 'lon': canary.words})}", {}, None
    yield "POST", "bookings", repeat, {"psychologist": canary.words, "place": canary.nir}
    yield (
        "POST",
        "bookings",
        repeat,
        {"psychologist": owner, "place": 1, "starts_at": canary.phone},
    )
    yield "POST", "bookings", repeat, {canary.family_name: canary.email}
    yield "POST", f"bookings/{uuid4()}/confirm", repeat, {"given_name": {"a": canary.words}}
    yield "POST", "decide", {}, {"case": {"nir": canary.nir, canary.words: canary.email}}
    yield "DELETE", f"bookings/{quote(canary.family_name)}", bearer, None


def asked(
    line: HTTPConnection, method: str, path: str, headers: dict[str, str], body: Any = None
) -> Answer:
    """What a program is answered."""
    sent = None if body is None else json.dumps(body)
    line.request(method, f"/api/v1/{path}", sent, headers | {"Content-Type": "application/json"})
    answer = line.getresponse()
    text = "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
    return Answer(answer.status, "", text + answer.read().decode(), 0.0)


def own_data_taken(product: Product, planted: list[Canary], seen: Seen) -> None:
    """Each takes everything that is kept of them, as a file."""
    for number, canary in enumerate(planted):
        account = Account.objects.filter(person=own_person(canary)).latest("pk")
        browser = Browser(product.ports[number % 2], session=account_session(account))
        browser.take_token()
        answer = browser.get("/mes-donnees/tout.json")
        assert answer.status == 200, (answer.status, answer.location)
        seen.taken.append((canary, answer.body))
        browser.close()


def wrong_ways(browser: Browser, planted: list[Canary], seen: Seen) -> None:
    """Addresses and forms bent by hand, with what one should never put there."""
    browser.take_token()
    for canary in planted:
        told = urlencode({"place": canary.family_name, "starts": canary.nir, "q": canary.email})
        for path in ("/rien", "/aide", "/rendez-vous/faux", "/mon-annee", "/caisse"):
            answer = browser.get(f"{path}?{told}")
            if answer.status >= 400:
                seen.pages_of_errors.append(answer.body)
        browser.post("/connexion", {"username": canary.email, "password": canary.words})
        browser.post("/connexion/lien", {"email": canary.email})
        seen.pages_of_errors.append(browser.get(f"/{quote(canary.words)}").body)
        seen.pages_of_errors.append(browser.post("/aide", {"nir": canary.nir}).body)


def raw(product: Product) -> bytes:
    """The database's own bytes: the file with its journal, or every row of every table."""
    if product.url.startswith("sqlite"):
        return b"".join(path.read_bytes() for path in sorted(product.home.glob("leaks.sqlite3*")))
    content = []
    with psycopg.connect(product.url) as direct:
        names = direct.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (name,) in names:
            with direct.cursor().copy(f'COPY "{name}" TO STDOUT') as rows:  # type: ignore[call-overload]
                content += [bytes(row) for row in rows]
    return b"\n".join(content)


def test_they_were_there_and_are_known_to_the_product(used: Used):
    """What is looked for is really inside: the running product opens it."""
    names = {person.family_name for person in Person.objects.all()}
    assert names >= {canary.family_name for canary in used.planted}
    held = [person.nir for person in Person.objects.all() if person.nir]
    assert set(held) >= {canary.nir for canary in used.planted}
    assert sum(len(canary.traits) for canary in used.planted) == (200 if FULL else 64)
    own = "\n".join(used.seen.own)
    assert own
    assert CareSheet.objects.count() == PEOPLE
    assert LocalMessage.objects.count() >= PEOPLE


def test_no_log_tells_anything(used: Used):
    said = used.product.log.read_bytes()
    assert said.count(b"soutien.access") > 10 * PEOPLE
    assert b'"route": "book_check"' in said
    assert not found(said, used.planted)


def test_no_address_title_or_referer_tells_anything(used: Used):
    assert len(used.seen.addresses) > 20 * PEOPLE
    assert not found("\n".join(used.seen.addresses).encode(), used.planted)


def test_no_subject_and_no_sender_tells_anything(used: Used):
    subjects = [f"{mail.subject} {mail.sender}" for mail in LocalMessage.objects.all()]
    assert len(subjects) >= PEOPLE
    assert not found("\n".join(subjects).encode(), used.planted)


def test_no_letter_waiting_tells_anything(used: Used):
    payloads = json.dumps(list(Letter.objects.values_list("payload", "about", "trouble")))
    assert len(payloads) > 1000
    assert not found(payloads.encode(), used.planted)


def test_no_calendar_tells_anything(used: Used):
    assert len(used.seen.calendars) > PEOPLE
    assert all("BEGIN:VCALENDAR" in calendar for calendar in used.seen.calendars)
    folded = "\n".join(used.seen.calendars).replace("\r\n ", "")
    assert not found(folded.encode(), used.planted)


def test_no_error_page_tells_anything(used: Used):
    assert len(used.seen.pages_of_errors) > 30
    assert not found("\n".join(used.seen.pages_of_errors).encode(), used.planted)


def test_a_program_is_told_nothing_of_anybody_else(used: Used):
    """A claim names its person, to its person: everything else is the same for everybody."""
    assert len(used.seen.told) == 2 * PEOPLE
    for canary, told in used.seen.told:
        assert set(found(told.encode(), used.planted)) <= {canary.family_name, canary.words}
    assert any(canary.family_name in told for canary, told in used.seen.told)


def test_no_refusal_to_a_program_repeats_what_it_sent(used: Used):
    assert len(used.seen.refusals) >= 10 * PEOPLE
    assert any('"request_unclear"' in told for told in used.seen.refusals)
    assert not found("\n".join(used.seen.refusals).encode(), used.planted)


def test_ones_own_data_hold_all_of_it_and_nobody_else_s(used: Used):
    assert len(used.seen.taken) == PEOPLE
    for canary, taken in used.seen.taken:
        told = set(found(taken.encode(), used.planted))
        assert told <= set(canary.traits), "Somebody else stands in it."
        kept = {canary.nir, canary.family_name, canary.email, canary.phone, canary.words}
        assert told >= kept, kept - told


def test_no_measure_tells_anything(used: Used):
    browser = Browser(used.product.ports[0])
    browser.connection.request(
        "GET", "/metrics", headers={"Authorization": "Bearer a-token-for-the-proof"}
    )
    said = browser.connection.getresponse().read()
    browser.close()
    assert b'soutien_events_total{event="agenda.booking.confirmed",result="done"}' in said
    assert b'route="book_check"' in said
    assert not found(said, used.planted)
    counted = b"".join(path.read_bytes() for path in (used.product.home / "counters").iterdir())
    assert not found(counted, used.planted)


def test_the_database_holds_nothing_of_it_in_clear(used: Used):
    content = raw(used.product)
    assert b"agenda.booking.confirmed" in content
    assert not found(content, used.planted)


def test_a_backup_holds_nothing_of_it_in_clear(used: Used):
    key, file = used.product.home / "backup-key", used.product.home / "all.backup"
    key.write_text(secrets.token_urlsafe(48))
    key.chmod(0o600)
    subprocess.run(
        [*SOUTIEN, "backup", str(file), "--key-file", str(key)],
        env=environment_of(used.product.url, used.product.home),
        cwd=used.product.home,
        check=True,
        capture_output=True,
    )
    content = file.read_bytes()
    # Packed before it was sealed, it would show nothing either: sealed bytes do not pack.
    assert len(zlib.compress(content)) > 0.95 * len(content) > 20_000
    assert not found(content, used.planted)


PLACES: dict[str, Callable[[str], bytes]] = {
    "a log": lambda trait: f'{{"message": "saved {trait}"}}'.encode(),
    "an address": lambda trait: f"/trouver?{urlencode({'q': trait})}".encode(),
    "a label": lambda trait: f'soutien_requests_total{{route="{trait}"}} 1'.encode(),
    "bytes as PostgreSQL writes them": lambda trait: b"\\\\x" + trait.encode().hex().encode(),
    "base 64": lambda trait: base64.b64encode(trait.encode()),
    "JSON": lambda trait: json.dumps({"name": trait}).encode(),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_thing_planted_there_would_be_found(place: str):
    """The twin of all the searches above."""
    planted = canaries()[:2]
    for trait in planted[0].traits:
        if place == "an address" and " " in trait:
            continue
        assert found(b"before " + PLACES[place](trait) + b" after", planted) == [trait]
    assert not found(PLACES[place]("nobody"), planted)


def test_a_clear_column_would_be_found_in_the_database(used: Used):
    """The twin of the database: one name written in a clear column is seen in its bytes."""
    name = used.planted[0].family_name
    assert not found(raw(used.product), used.planted)
    Letter.objects.create(
        kind="twin",
        payload={},
        about=name,
        created_at=timezone.now(),
        deliver_after=timezone.now(),
    )
    connections.close_all()
    assert found(raw(used.product), used.planted) == [name]
    Letter.objects.filter(kind="twin").delete()
