"""The second proof: each code is good once, guessing ends, and roles that need one have one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from tests import factories as make
from tests.doors.web.person.practice import person_with_account
from tests.doors.web.signing_in.device import Device, another_challenge
from tests.doors.web.signing_in.mailbox import lines_of, mails
from tests.signing_in import SECRET, next_code, totp_key

from soutien.doors.web.signing_in.rates import CODES
from soutien.registers.accounts import factors
from soutien.registers.accounts.models import Account, OpenSession, Passkey, RecoveryCode, Role
from soutien.steps import codes
from soutien.steps.actor import Actor
from soutien.steps.permissions import NEEDS_SECOND_FACTOR
from soutien.steps.protect import make_recovery_codes

pytestmark = pytest.mark.django_db
OPEN_PAGES = ("/aide", "/mentions-legales", "/securite/protection")


@pytest.fixture
def person() -> Account:
    """Somebody with an application of codes."""
    account = person_with_account(timezone.now())[1]
    totp_key(account)
    return account


def halfway(account: Account) -> Client:
    """A browser where the password was right."""
    client = Client(headers={"host": "testserver"}, secure=True)
    client.post("/connexion", {"username": account.email, "password": "password"}, secure=True)
    return client


def give(client: Client, **proof: str) -> Any:
    return client.post("/connexion/code", proof, secure=True)


def test_a_code_signs_in_once(person: Account) -> None:
    code = next_code(person)
    assert give(halfway(person), code=code).status_code == 302
    assert give(halfway(person), code=code).status_code == 422
    assert lines_of("accounts.factor.used") == ["totp done"]
    assert lines_of("accounts.factor.refused") == ["code refused"]


def test_an_earlier_code_is_refused_after_a_later_one(person: Account) -> None:
    now = codes.counter_at(timezone.now())
    assert give(halfway(person), code=codes.code_of(SECRET, now)).status_code == 302
    assert give(halfway(person), code=codes.code_of(SECRET, now - 1)).status_code == 422


def test_guessing_codes_ends(person: Account) -> None:
    client = halfway(person)
    statuses = [give(client, code="000000").status_code for _try in range(CODES.most + 1)]
    assert statuses == [422] * CODES.most + [429]
    # Starting again with the password does not give new tries.
    assert give(halfway(person), code=next_code(person)).status_code == 429


def test_a_code_on_paper_signs_in_once_and_is_told_by_mail(person: Account) -> None:
    actor = Actor(person.role, account_id=person.pk, person_id=person.person_id)
    paper = make_recovery_codes(actor=actor, at=timezone.now())
    mails()
    assert give(halfway(person), code=paper[0]).status_code == 302
    assert give(halfway(person), code=paper[0]).status_code == 422
    assert factors.codes_left(person.pk) == codes.PAPER_CODES - 1
    [mail] = mails()
    assert mail.to == person.email
    assert "code de secours" in mail.body
    assert paper[0] not in mail.body


def test_new_codes_on_paper_make_the_former_ones_void(person: Account) -> None:
    actor = Actor(person.role, account_id=person.pk, person_id=person.person_id)
    former = make_recovery_codes(actor=actor, at=timezone.now())
    make_recovery_codes(actor=actor, at=timezone.now())
    assert give(halfway(person), code=former[0]).status_code == 422


def test_another_s_code_opens_nothing(person: Account) -> None:
    other = person_with_account(timezone.now())[1]
    totp_key(other)
    actor = Actor(other.role, account_id=other.pk)
    paper = make_recovery_codes(actor=actor, at=timezone.now())
    assert give(halfway(person), code=paper[0]).status_code == 422


def test_a_browser_without_a_first_proof_is_sent_to_give_it(client: Client) -> None:
    assert client.get("/connexion/code")["Location"] == "/connexion"
    assert client.post("/connexion/code", {"code": "123456"})["Location"] == "/connexion"


def test_what_proves_cannot_be_read_in_the_database(person: Account) -> None:
    from django.db import connection

    actor = Actor(person.role, account_id=person.pk)
    paper = make_recovery_codes(actor=actor, at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_totpkey")
        assert SECRET.encode() not in bytes(cursor.fetchone()[0])
        cursor.execute("SELECT digest FROM accounts_recoverycode")
        kept = [bytes(digest) for (digest,) in cursor.fetchall()]
    for code in paper:
        assert not any(codes.paper_digest(code).encode() in digest for digest in kept)
    assert RecoveryCode.objects.count() == len(paper)


@pytest.mark.parametrize("role", sorted(NEEDS_SECOND_FACTOR))
def test_a_role_that_sees_others_reaches_only_the_pages_that_protect_it(role: str) -> None:
    client = Client()
    account = make.account(role)
    answer = client.post("/connexion", {"username": account.email, "password": "password"})
    assert answer["Location"] == "/securite/protection"
    for path in ("/", "/cabinet", "/caisse", "/securite", "/trouver", "/en/"):
        assert client.get(path)["Location"].endswith("/securite/protection"), path
    for path in OPEN_PAGES:
        assert client.get(path).status_code == 200, path
    assert client.post("/deconnexion").status_code == 302


@pytest.mark.parametrize("role", [Role.PERSON, Role.GUARDIAN])
def test_a_person_may_but_need_not(role: str) -> None:
    client = Client()
    who = make.person(at=timezone.now())
    account = make.account(role, person=who)
    client.post("/connexion", {"username": account.email, "password": "password"})
    assert client.get("/securite").status_code == 200


def test_a_factor_set_up_elsewhere_is_asked_of_a_session_that_had_none() -> None:
    client, account = Client(), make.account(Role.ADMINISTRATOR)
    client.post("/connexion", {"username": account.email, "password": "password"})
    totp_key(account)
    assert client.get("/securite")["Location"] == "/securite/confirmer"
    before = client.session.session_key
    assert client.post("/securite/confirmer", {"code": next_code(account)}).status_code == 302
    assert client.session.session_key != before
    assert client.get("/securite").status_code == 200
    assert OpenSession.objects.get().second_factor


# Passkeys


@pytest.fixture
def with_passkey() -> tuple[Account, Device]:
    """Somebody who added a passkey on the page made for it."""
    account, device = person_with_account(timezone.now())[1], Device()
    client = Client()
    client.force_login(account)
    page = client.get("/securite/cles", secure=True)
    form = {"name": "Téléphone", "answer": device.make(page.context["options"])}
    assert client.post("/securite/cles", form, secure=True)["Location"] == "/securite/codes"
    return account, device


def options_for(client: Client, path: str = "/connexion/cle") -> str:
    return str(client.get(path, secure=True).context["options"])


def test_a_passkey_alone_signs_in(with_passkey: tuple[Account, Device]) -> None:
    account, device = with_passkey
    client = Client()
    answer = device.sign(options_for(client))
    assert client.post("/connexion/cle", {"answer": answer}, secure=True).status_code == 302
    latest = OpenSession.objects.latest("id")
    assert (latest.account, latest.how, latest.second_factor) == (account, "passkey", True)


def test_a_passkey_stands_beside_a_password(with_passkey: tuple[Account, Device]) -> None:
    account, device = with_passkey
    client = halfway(account)
    answer = device.sign(options_for(client, "/connexion/code"))
    assert give(client, answer=answer)["Location"] == "/mon-annee"


def lie(device: Device, **said: Any) -> Device:
    for name, value in said.items():
        setattr(device, name, value)
    return device


@pytest.mark.parametrize(
    "wrong",
    [
        lambda device, options: lie(device, origin="https://evil.example").sign(options),
        lambda device, options: lie(device, origin="http://testserver").sign(options),
        lambda device, options: lie(device, host="evil.example").sign(options),
        lambda device, options: lie(device, flags=0x01).sign(options),
        lambda device, options: lie(device, flags=0x04).sign(options),
        lambda device, options: lie(device, key=Device().key).sign(options),
        lambda device, options: lie(device, credential_id=b"x" * 32).sign(options),
        lambda device, options: lie(device, count=-1).sign(options),
        lambda device, options: device.sign(options, challenge=another_challenge()),
        lambda device, options: device.sign(options, type="webauthn.create"),
        lambda device, options: device.make(options),
        lambda device, options: "",
        lambda device, options: "[]",
        lambda device, options: '{"id": "a", "rawId": "a", "response": {}, "type": "public-key"}',
        lambda device, options: "[" * 5000,
        lambda device, options: "\x00" * 50,
    ],
    ids=[
        *("other_site", "not_https", "other_host", "not_verified", "not_present", "other_key"),
        *("unknown_key", "copied_key", "other_challenge", "other_act", "a_new_key", "nothing"),
        *("a_list", "empty", "deep", "zeros"),
    ],
)
def test_a_wrong_answer_opens_nothing_anywhere(
    with_passkey: tuple[Account, Device], wrong: Any
) -> None:
    account, device = with_passkey
    Passkey.objects.update(sign_count=5)
    device.count = 5
    before = OpenSession.objects.count()
    for path, client in (("/connexion/cle", Client()), ("/connexion/code", halfway(account))):
        answer = wrong(Device(**vars(device)), options_for(client, path))
        assert client.post(path, {"answer": answer}, secure=True).status_code == 422, path
    assert OpenSession.objects.count() == before
    # And the honest device still does.
    client = Client()
    answer = device.sign(options_for(client))
    assert client.post("/connexion/cle", {"answer": answer}, secure=True).status_code == 302


def test_an_answer_is_good_once(with_passkey: tuple[Account, Device]) -> None:
    _account, device = with_passkey
    client = Client()
    answer = device.sign(options_for(client))
    assert client.post("/connexion/cle", {"answer": answer}, secure=True).status_code == 302
    client.post("/deconnexion", secure=True)
    assert client.post("/connexion/cle", {"answer": answer}, secure=True).status_code == 422


def test_another_s_passkey_is_no_second_proof(with_passkey: tuple[Account, Device]) -> None:
    _account, device = with_passkey
    other = person_with_account(timezone.now())[1]
    totp_key(other)
    client = halfway(other)
    challenge = Client()
    answer = device.sign(options_for(challenge))
    session = client.session
    session["passkey_state"] = challenge.session["passkey_state"]
    session.save()
    assert give(client, answer=answer).status_code == 422


def test_a_passkey_of_somebody_else_cannot_be_added_again(
    with_passkey: tuple[Account, Device],
) -> None:
    _account, device = with_passkey
    client = Client()
    client.force_login(person_with_account(timezone.now())[1])
    options = options_for(client, "/securite/cles")
    form = {"name": "La même", "answer": device.make(options)}
    assert client.post("/securite/cles", form, secure=True).status_code == 422


def test_the_demo_shows_the_code_and_nowhere_else_does(person: Account, settings: Any) -> None:
    client = halfway(person)
    assert "Démonstration" not in client.get("/connexion/code", secure=True).content.decode()
    settings.DEMO = True
    for _visitor in range(4):
        visitor = halfway(person)
        shown = visitor.get("/connexion/code", secure=True).context["demo_code"]
        assert give(visitor, code=shown).status_code == 302


def test_the_codes_of_a_day_are_counted_too(person: Account) -> None:
    from soutien.doors.web.signing_in.rates import CODES_A_DAY

    start = timezone.now().replace(hour=0, minute=1, second=0)
    tried = 0
    for quarter in range(1, 20):
        with time_machine.travel(start + quarter * timedelta(minutes=15)):
            client = halfway(person)
            for _try in range(CODES.most):
                if give(client, code="000000").status_code == 422:
                    tried += 1
    assert tried == CODES_A_DAY.most
