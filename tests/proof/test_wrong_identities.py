"""Proof 2: whatever is wrong in an identity provider's answer, nobody is signed in by it.

Each lie is told by a real server on this machine that behaves well otherwise: the first tests
show that the same answer without the lie signs in. A refusal is a kind page, a line in the journal
that says why, and no session.
"""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client
from tests import factories as make
from tests.proof.tampering import (
    CLIENT,
    SECRET,
    Lies,
    Provider,
    curve_key,
    octets,
    part,
    rsa_key,
    serving,
    shared_secret,
    unsigned,
)

from soutien.doors.identity_providers import provider_of
from soutien.doors.web.identity import fetching
from soutien.registers.accounts.models import Account, Role
from soutien.registers.audit.models import Entry
from soutien.registers.identities.models import ExternalIdentity, Held

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 3, 9, tzinfo=UTC)
ADDRESS = "http://testserver"
NIR = make.made_up_nir(4321)
CAMILLE = {
    "sub": "the-subject-of-camille",
    "given_name": "Camille Jeanne",
    "family_name": "EXEMPLE",
    "birthdate": "1990-05-17",
    "gender": "female",
    "birthplace": "00004",
    "birthcountry": "99100",
    "email": "camille@example.org",
}


@pytest.fixture
def camille() -> Account:
    who = make.person(at=AT, family_name="Exemple", nir=NIR)
    return Account.objects.create_user(
        "camille@example.org", "secret", role=Role.PERSON, person=who
    )


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving(Provider(claims=dict(CAMILLE))) as found:
        yield found


def named(settings: Any, tmp_path: Path, provider: Provider, **more: Any) -> None:
    """Name the provider in the settings, as an operator's file would."""
    (tmp_path / "secret").write_text(SECRET)
    row = {
        "name": "citizens",
        "shape": "franceconnect",
        "label": "Identité",
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret_file": "secret",
    }
    made = provider_of(row | more, local=True, folder=tmp_path)
    settings.ADDRESS = ADDRESS
    settings.IDENTITY_PROVIDERS = {made.name: made, **settings.IDENTITY_PROVIDERS}


@pytest.fixture(autouse=True)
def alone(settings: Any) -> None:
    settings.IDENTITY_PROVIDERS = {}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For those who never answer; an honest provider on a busy machine may take its seconds."""
    monkeypatch.setattr(fetching, "SECONDS_IN_ALL", 0.6)


@pytest.fixture
def citizens(settings: Any, tmp_path: Path, provider: Provider, camille: Account) -> Provider:
    named(settings, tmp_path, provider)
    return provider


def sent_back(browser: Client, provider: Provider, name: str = "citizens") -> str:
    """The address the provider sends a browser back to: over HTTP, as a browser goes."""
    sent = browser.get(f"/identite/{name}")
    assert sent.status_code == 302, sent.content.decode()[-1500:]
    parts = urlsplit(sent["Location"])
    assert f"{parts.scheme}://{parts.netloc}" == provider.issuer
    line = http.client.HTTPConnection(parts.netloc, timeout=5)
    line.request("GET", f"{parts.path}?{parts.query}")
    back = line.getresponse().headers["Location"]
    line.close()
    assert back is not None
    return str(back)


def signed_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def assert_refused(browser: Client, page: Any, reason: str) -> None:
    """A kind page, one line that says why, no session, no link."""
    assert page.status_code == 409
    text = page.content.decode()
    assert "IDE-" in text and "Revenir à la connexion" in text
    assert "Traceback" not in text and "eyJ" not in text
    assert not signed_in(browser)
    assert not ExternalIdentity.objects.exists()
    lines = Entry.objects.filter(event="identities.answer.refused")
    assert [(line.reason, line.result) for line in lines] == [(reason, "refused")]


# Without a lie


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS256"])
def test_an_honest_answer_signs_in(
    client: Client,
    settings: Any,
    tmp_path: Path,
    provider: Provider,
    camille: Account,
    algorithm: str,
) -> None:
    provider.algorithm = algorithm
    named(settings, tmp_path, provider, algorithms=[algorithm])
    page = client.get(sent_back(client, provider))
    assert (page.status_code, page["Location"]) == (302, "/mon-annee")
    assert int(client.session["_auth_user_id"]) == camille.pk
    assert not Entry.objects.filter(event="identities.answer.refused").exists()


# Lies that a provider, or whoever is in its place, can tell


def later(seconds: int) -> int:
    return int(time.time()) + seconds


def but(**said: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The same, but for these; None takes one away."""

    def changed(content: dict[str, Any]) -> dict[str, Any]:
        whole = content | {
            name: value() if callable(value) else value for name, value in said.items()
        }
        return {name: value for name, value in whole.items() if value is not None}

    return changed


def of(reply: Any) -> Callable[[Any], Any]:
    """Always this answer."""
    return lambda _honest: reply


HTML = (200, "text/html", b"<!doctype html><title>Welcome to the hotel's network</title>")
HUGE = json.dumps({"filler": "x" * 200_000}).encode()

# what is wrong: (the reason in the journal, the lies)
LIES: dict[str, tuple[str, Lies]] = {
    "nonce of another question": ("nonce", Lies(id_content=but(nonce="n" * 43))),
    "nonce missing": ("nonce", Lies(id_content=but(nonce=None))),
    "nonce of another kind": ("nonce", Lies(id_content=but(nonce=7))),
    "audience of another client": ("audience", Lies(id_content=but(aud="another"))),
    "audience shared with another": (
        "audience",
        Lies(id_content=but(aud=[CLIENT, "another"], azp=CLIENT)),
    ),
    "audience missing": ("audience", Lies(id_content=but(aud=None))),
    "azp of another client": ("azp", Lies(id_content=but(azp="another"))),
    "issuer of another": ("issuer", Lies(id_content=but(iss="https://evil.example.org"))),
    "issuer with a slash more": (
        "issuer",
        Lies(id_content=lambda said: said | {"iss": said["iss"] + "/"}),
    ),
    "issuer missing": ("issuer", Lies(id_content=but(iss=None))),
    "alg none": ("algorithm_refused", Lies(id_token=unsigned)),
    "expired": ("expired", Lies(id_content=but(exp=lambda: later(-60)))),
    "expiry missing": ("times_missing", Lies(id_content=but(exp=None))),
    "expiry that is no number": ("times_missing", Lies(id_content=but(exp="tomorrow"))),
    "issued in the future": ("not_yet", Lies(id_content=but(iat=lambda: later(300)))),
    "not valid yet": ("not_yet", Lies(id_content=but(nbf=lambda: later(300)))),
    "issued long ago": ("issued_long_ago", Lies(id_content=but(iat=lambda: later(-3600)))),
    "acr too low": ("acr", Lies(id_content=but(acr="eidas0"))),
    "acr missing": ("acr", Lies(id_content=but(acr=None))),
    "acr of another kind": ("acr", Lies(id_content=but(acr=["eidas1"]))),
    "subject missing": ("subject_missing", Lies(id_content=but(sub=None))),
    "subject endless": ("subject_missing", Lies(id_content=but(sub="s" * 300))),
    "at_hash of another token": ("at_hash", Lies(id_content=but(at_hash="A" * 22))),
    "c_hash of another code": ("c_hash", Lies(id_content=but(c_hash="A" * 22))),
    "token of two parts": ("token_unreadable", Lies(id_token=lambda said: part(said) + ".x")),
    "token encrypted": ("token_unreadable", Lies(id_token=lambda said: "a.b.c.d.e")),
    "userinfo of somebody else": (
        "userinfo_of_another",
        Lies(claims=but(sub="the-subject-of-another")),
    ),
    "userinfo without a subject": ("subject_missing", Lies(claims=but(sub=None))),
    "userinfo for another client": ("audience", Lies(claims=but(aud="another"))),
    "userinfo of another issuer": ("issuer", Lies(claims=but(iss="https://evil.example.org"))),
    "userinfo expired": ("expired", Lies(claims=but(exp=lambda: later(-60)))),
    "userinfo with alg none": ("algorithm_refused", Lies(userinfo_token=unsigned)),
    "userinfo not signed": (
        "userinfo_unsigned",
        Lies(userinfo_reply=of((200, "application/json", json.dumps(CAMILLE).encode()))),
    ),
    "userinfo in HTML": ("userinfo_unsigned", Lies(userinfo_reply=of(HTML))),
    "userinfo refused": (
        "userinfo_refused",
        Lies(userinfo_reply=of((401, "application/json", b"{}"))),
    ),
    "userinfo too large": (
        "too_large",
        Lies(userinfo_reply=of((200, "application/jwt", b"x" * 200_000))),
    ),
    "tokens in HTML": ("tokens_unreadable", Lies(token_reply=of(HTML))),
    "tokens in HTML that says JSON": (
        "tokens_unreadable",
        Lies(token_reply=of((200, "application/json", HTML[2]))),
    ),
    "tokens in a list": (
        "tokens_unreadable",
        Lies(token_reply=of((200, "application/json", b"[1]"))),
    ),
    "tokens nested without end": (
        "tokens_unreadable",
        Lies(token_reply=of((200, "application/json", b"[" * 60_000))),
    ),
    "tokens of another type": ("tokens_unreadable", Lies(tokens=but(token_type="mac"))),
    "ID token missing": ("tokens_unreadable", Lies(tokens=but(id_token=None))),
    "access token missing": ("tokens_unreadable", Lies(tokens=but(access_token=None))),
    "access token with a line break": (
        "tokens_unreadable",
        Lies(tokens=but(access_token="a\r\nHost: evil.example.org")),
    ),
    "tokens too large": ("too_large", Lies(token_reply=of((200, "application/json", HUGE)))),
    "tokens compressed": (
        "encoded",
        Lies(token_reply=of((200, "application/json|gzip", gzip.compress(b"{}")))),
    ),
    "tokens elsewhere by a redirect": (
        "code_refused",
        Lies(token_reply=of((302, "application/json", b"{}"))),
    ),
    "tokens out of order": (
        "code_refused",
        Lies(token_reply=of((500, "application/json", b"{}"))),
    ),
    "tokens never come": ("too_slow", Lies(slow="silent")),
    "tokens come one byte at a time": ("too_slow", Lies(slow="drip")),
    "line cut": ("unreachable", Lies(cut=True)),
    "keys too large": ("too_large", Lies(keys=of(HUGE))),
    "keys in a list": ("keys_unreadable", Lies(keys=of([]))),
    "no key": ("key_unknown", Lies(keys=of({"keys": []}))),
    "two keys of one name": (
        "keys_ambiguous",
        Lies(
            keys=lambda said: {
                "keys": [*said["keys"], curve_key("other").as_dict(private=False, kid="first")]
            }
        ),
    ),
    "key to encrypt with": (
        "key_unknown",
        Lies(keys=lambda said: {"keys": [said["keys"][0] | {"use": "enc"}]}),
    ),
    "key for another algorithm": (
        "key_of_another_algorithm",
        Lies(keys=lambda said: {"keys": [said["keys"][0] | {"alg": "ES512"}]}),
    ),
    "mixed up with another issuer": (
        "mixed_up",
        Lies(back=lambda said: [*said[:2], ("iss", "https://other.example.org")]),
    ),
    "issuer not named though promised": ("mixed_up", Lies(back=lambda said: said[:2])),
    "the person said no": (
        "declined",
        Lies(back=lambda said: [("error", "access_denied"), *said[1:]]),
    ),
    "error of the provider": (
        "provider_error",
        Lies(back=lambda said: [("error", "server_error"), *said[1:]]),
    ),
    "error and code together": (
        "provider_error",
        Lies(back=lambda said: [("error", "<script>"), *said]),
    ),
    "code missing": ("code_missing", Lies(back=lambda said: said[1:])),
    "code twice": ("said_twice", Lies(back=lambda said: [*said, ("code", "another")])),
    "state twice": ("said_twice", Lies(back=lambda said: [*said, ("state", "another")])),
    "state missing": ("state", Lies(back=lambda said: [said[0], said[2]])),
    "state unknown": (
        "identity_answer_old",
        Lies(back=lambda said: [said[0], ("state", "s" * 43), said[2]]),
    ),
    "error with a state unknown": (
        "identity_answer_old",
        Lies(back=lambda said: [("error", "access_denied"), ("state", "s" * 43), said[2]]),
    ),
    "day of birth missing": ("identity_incomplete", Lies(claims=but(birthdate=None))),
    "family name of another kind": (
        "identity_incomplete",
        Lies(claims=but(family_name={"$ne": ""})),
    ),
}


@pytest.mark.parametrize(("reason", "lies"), LIES.values(), ids=LIES)
def test_a_lie_signs_nobody_in(
    request: pytest.FixtureRequest, client: Client, citizens: Provider, reason: str, lies: Lies
) -> None:
    citizens.lies = lies
    if lies.slow:
        request.getfixturevalue("impatient")
    started = time.monotonic()
    assert_refused(client, client.get(sent_back(client, citizens)), reason)
    # Of the twenty seconds of who is silent.
    assert not lies.slow or time.monotonic() - started < 15


def foreign(citizens: Provider) -> dict[str, tuple[str, Callable[[Any], str]]]:
    """Tokens that somebody else made, or that need the provider's own keys to be told wrong."""
    stranger = curve_key("stranger")
    shown = stranger.as_dict(private=False)
    return {
        "signed by a stranger under its name": (
            "signature",
            lambda said: citizens.signed(said, stranger),
        ),
        "signed by a stranger who shows the key": (
            "signature",
            lambda said: citizens.signed(said, stranger, jwk=shown),
        ),
        "signed with a key it does not publish": (
            "key_unknown",
            lambda said: citizens.signed(said, stranger, kid="stranger", jwk=shown),
        ),
        "key not named": ("key_not_named", lambda said: citizens.signed(said, kid=None)),
        "HS256 with the public key": (
            "algorithm_refused",
            lambda said: shared_secret(said, octets(citizens.key)),
        ),
        "HS256 with the client's secret": (
            "algorithm_refused",
            lambda said: shared_secret(said, SECRET.encode()),
        ),
        "a good signature of another algorithm": (
            "algorithm_refused",
            lambda said: citizens.signed(said, rsa_key("first"), alg="RS256"),
        ),
        "changed after it was signed": ("signature", lambda said: _changed(citizens, said)),
        "a header that must be understood": (
            "token_unreadable",
            lambda said: _with_header(citizens, said, crit=["b64"], b64=True),
        ),
        "a claim said twice": (
            "token_unreadable",
            lambda said: citizens.signed(json.dumps(said)[:-1] + ', "sub": "another"}'),
        ),
        "a time that is no number": (
            "token_unreadable",
            lambda said: citizens.signed(
                json.dumps(said).replace(f'"exp": {said["exp"]}', '"exp": NaN')
            ),
        ),
        "a time without end": (
            "times_missing",
            lambda said: citizens.signed(
                json.dumps(said).replace(f'"exp": {said["exp"]}', '"exp": 1e999')
            ),
        ),
        "content that is no object": ("token_unreadable", lambda said: citizens.signed("[]")),
    }


def _changed(citizens: Provider, said: dict[str, Any]) -> str:
    head, _content, signature = citizens.signed(said).split(".")
    return f"{head}.{part(said | {'sub': 'another'})}.{signature}"


def _with_header(citizens: Provider, said: dict[str, Any], **header: Any) -> str:
    _head, content, signature = citizens.signed(said).split(".")
    return f"{part({'alg': 'ES256', 'kid': 'first'} | header)}.{content}.{signature}"


FOREIGN = list(foreign(Provider(claims={})))


@pytest.mark.parametrize("token", ["id_token", "userinfo_token"])
@pytest.mark.parametrize("name", FOREIGN)
def test_a_token_somebody_else_made_signs_nobody_in(
    client: Client, citizens: Provider, name: str, token: str
) -> None:
    reason, make_token = foreign(citizens)[name]
    if token == "userinfo_token" and "time" in name:
        # What is told about somebody has no expiry of its own: it gets one here.
        citizens.lies.claims = lambda said: said | {"exp": later(60)}
    setattr(citizens.lies, token, make_token)
    assert_refused(client, client.get(sent_back(client, citizens)), reason)


# Lies of whoever holds the browser


def test_an_answer_for_another_browser_is_refused(client: Client, citizens: Provider) -> None:
    back = sent_back(Client(), citizens)
    assert_refused(client, client.get(back), "identity_answer_old")


def test_an_answer_to_no_question_is_refused(client: Client, citizens: Provider) -> None:
    said = {"code": "a-code", "state": "s" * 43, "iss": citizens.issuer}
    page = client.get(f"/identite/citizens/retour?{urlencode(said)}")
    assert_refused(client, page, "identity_answer_old")


def test_an_answer_given_twice_is_believed_once(client: Client, citizens: Provider) -> None:
    citizens.lies.lenient = True
    back = sent_back(client, citizens)
    assert client.get(back).status_code == 302
    client.post("/deconnexion")
    assert client.get(back).status_code == 409
    assert not signed_in(client)


def test_the_code_of_another_sign_in_is_refused_by_the_provider(
    client: Client, citizens: Provider
) -> None:
    stolen = dict(parse_qsl(urlsplit(sent_back(Client(), citizens)).query))["code"]
    own = dict(parse_qsl(urlsplit(sent_back(client, citizens)).query))
    page = client.get(f"/identite/citizens/retour?{urlencode(own | {'code': stolen})}")
    assert_refused(client, page, "code_refused")


def test_the_code_of_another_sign_in_is_refused_by_its_nonce_too(
    client: Client, citizens: Provider
) -> None:
    citizens.lies.lenient = True
    stolen = dict(parse_qsl(urlsplit(sent_back(Client(), citizens)).query))["code"]
    own = dict(parse_qsl(urlsplit(sent_back(client, citizens)).query))
    page = client.get(f"/identite/citizens/retour?{urlencode(own | {'code': stolen})}")
    assert_refused(client, page, "nonce")


def test_a_code_that_was_used_is_refused(client: Client, citizens: Provider) -> None:
    own = dict(parse_qsl(urlsplit(sent_back(client, citizens)).query))
    citizens.codes.clear()
    page = client.get(f"/identite/citizens/retour?{urlencode(own)}")
    assert_refused(client, page, "code_refused")


def test_a_question_is_good_for_some_minutes_only(client: Client, citizens: Provider) -> None:
    back = sent_back(client, citizens)
    for row in Held.objects.all():
        Held.objects.filter(pk=row.pk).update(
            held_at=row.held_at - timedelta(hours=1), ends_at=row.ends_at - timedelta(hours=1)
        )
    assert_refused(client, client.get(back), "identity_answer_old")


def test_the_answer_of_one_provider_is_not_taken_for_that_of_another(
    client: Client, settings: Any, tmp_path: Path, citizens: Provider
) -> None:
    with serving(Provider(claims=dict(CAMILLE))) as other:
        named(settings, tmp_path, other, name="others")
        back = urlsplit(sent_back(client, citizens))
        page = client.get(f"/identite/others/retour?{back.query}")
        assert_refused(client, page, "mixed_up")
        assert other.asked == []


def test_only_get_brings_an_answer(client: Client, citizens: Provider) -> None:
    back = urlsplit(sent_back(client, citizens))
    assert client.post(back.path, dict(parse_qsl(back.query))).status_code == 405
    assert not signed_in(client)


# A provider that is wrong about itself is asked nothing

DESCRIPTIONS: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "another issuer": ("issuer_of_description", but(issuer="https://evil.example.org")),
    "no issuer": ("issuer_of_description", but(issuer=None)),
    "no token endpoint": ("endpoint_missing", but(token_endpoint=None)),
    "tokens at another host": (
        "endpoint_elsewhere",
        but(token_endpoint="https://evil.example.org/token"),
    ),
    "sign-in at another host": (
        "endpoint_elsewhere",
        but(authorization_endpoint="https://evil.example.org/authorize"),
    ),
    "keys in clear at another port": (
        "endpoint_elsewhere",
        but(jwks_uri="http://127.0.0.1:1/jwks"),
    ),
    "keys in a file": ("endpoint_elsewhere", but(jwks_uri="file:///etc/passwd")),
    "too large": ("too_large", of(HUGE)),
    "a list": ("description_unreadable", of([])),
}


@pytest.mark.parametrize(("reason", "lie"), DESCRIPTIONS.values(), ids=DESCRIPTIONS)
def test_a_provider_wrong_about_itself_is_not_gone_to(
    client: Client, citizens: Provider, reason: str, lie: Callable[[Any], Any]
) -> None:
    citizens.lies.description = lie
    assert_refused(client, client.get("/identite/citizens"), reason)
    assert not Held.objects.exists()


def test_a_provider_that_is_down_is_not_waited_for_again_at_once(
    client: Client, settings: Any, tmp_path: Path, camille: Account
) -> None:
    with serving(Provider(claims=dict(CAMILLE))) as gone:
        named(settings, tmp_path, gone)
    assert_refused(client, client.get("/identite/citizens"), "unreachable")
    page = client.get("/identite/citizens")
    assert "ne répond pas en ce moment" in page.content.decode()


# Keys change


def test_a_new_key_is_fetched_when_it_is_needed(client: Client, citizens: Provider) -> None:
    assert client.get(sent_back(client, citizens)).status_code == 302
    client.post("/deconnexion")
    citizens.kid = "second"
    # Too soon to ask again: refused, kindly.
    assert client.get(sent_back(client, citizens)).status_code == 409
    _an_hour_later()
    assert client.get(sent_back(client, citizens)).status_code == 302
    assert signed_in(client)


def test_unknown_keys_do_not_make_us_ask_without_end(client: Client, citizens: Provider) -> None:
    citizens.lies.id_token = lambda said: citizens.signed(said, curve_key("x"), kid="x")
    for _each in range(6):
        assert client.get(sent_back(client, citizens)).status_code == 409
    assert citizens.asked.count("/jwks") == 1
    assert citizens.asked.count("/.well-known/openid-configuration") == 1


def _an_hour_later() -> None:
    from soutien.doors.web.identity import clients

    known = clients._known["citizens"]
    started = known.clock()
    known.clock = lambda: started + 4000


# Professionals and agents

CARD = {
    "sub": "the-subject-of-a-card",
    "SubjectNameID": "8" + make.made_up_rpps(71),
    "SubjectRefPro": {"exercices": [{"codeProfession": "93"}]},
}


@pytest.fixture
def cards(settings: Any, tmp_path: Path, provider: Provider) -> Provider:
    partner = make.psychologist(under_agreement_from=date(2022, 4, 5), rpps=make.made_up_rpps(71))
    Account.objects.create_user(
        "psy@example.org", "secret", role=Role.PSYCHOLOGIST, psychologist=partner
    )
    provider.claims, provider.signed_userinfo = dict(CARD), False
    provider.algorithm = "RS256"
    named(settings, tmp_path, provider, shape="pro_sante_connect")
    return provider


def test_a_psychologists_card_signs_in(client: Client, cards: Provider) -> None:
    assert client.get(sent_back(client, cards)).status_code == 302
    assert signed_in(client) and "second_factor_at" in client.session


def exercises(*codes: Any) -> dict[str, Any]:
    return {"SubjectRefPro": {"exercices": [{"codeProfession": code} for code in codes]}}


@pytest.mark.parametrize(
    ("reason", "claims"),
    [
        ("identity_not_psychologist", exercises("10")),
        ("identity_not_psychologist", exercises(93)),
        ("identity_not_psychologist", exercises("930")),
        ("identity_not_psychologist", {"SubjectRefPro": None}),
        ("identity_not_psychologist", {"SubjectNameID": "0" + make.made_up_rpps(71)}),
        ("identity_not_psychologist", {"SubjectNameID": "8" + make.made_up_rpps(71)[:-1] + "x"}),
        ("identity_not_partner", {"SubjectNameID": "8" + make.made_up_rpps(72)}),
        ("userinfo_of_another", {"sub": "another"}),
    ],
)
def test_another_profession_or_number_signs_nobody_in(
    client: Client, cards: Provider, reason: str, claims: dict[str, Any]
) -> None:
    cards.lies.claims = lambda said: said | claims
    assert_refused(client, client.get(sent_back(client, cards)), reason)


TWO_FACTORS = "https://proconnect.gouv.fr/assurance/consistency-checked-2fa"
DESK = {"sub": "the-subject-of-a-desk", "email": "agent@example.org", "siret": "1" * 14}


@pytest.fixture
def desks(settings: Any, tmp_path: Path, provider: Provider) -> Provider:
    Account.objects.create_user(
        "agent@example.org", "secret", role=Role.FUND_AGENT, fund_code="019990069"
    )
    provider.claims, provider.acr = dict(DESK), TWO_FACTORS
    named(
        settings,
        tmp_path,
        provider,
        shape="proconnect",
        organisations={"1" * 14: "fund:019990069", "2" * 14: "fund:019990001"},
    )
    return provider


def test_an_agents_desk_signs_in(client: Client, desks: Provider) -> None:
    assert client.get(sent_back(client, desks)).status_code == 302
    assert signed_in(client) and "second_factor_at" in client.session


@pytest.mark.parametrize(
    ("reason", "claims"),
    [
        ("identity_no_agent_account", {"email": "other@example.org"}),
        ("identity_no_agent_account", {"email": None}),
        ("identity_no_agent_account", {"email_verified": False}),
        ("identity_no_agent_account", {"siret": "2" * 14}),
        ("identity_no_agent_account", {"siret": "3" * 14}),
        ("identity_no_agent_account", {"siret": None}),
    ],
)
def test_another_address_or_organisation_signs_no_agent_in(
    client: Client, desks: Provider, reason: str, claims: dict[str, Any]
) -> None:
    desks.lies.claims = lambda said: said | claims
    assert_refused(client, client.get(sent_back(client, desks)), reason)


def test_one_factor_signs_no_agent_in(client: Client, desks: Provider) -> None:
    desks.acr = "https://proconnect.gouv.fr/assurance/self-asserted"
    assert_refused(client, client.get(sent_back(client, desks)), "acr")


def test_what_is_asked_is_asked_well(client: Client, desks: Provider) -> None:
    asked = dict(parse_qsl(urlsplit(client.get("/identite/citizens")["Location"]).query))
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"{ADDRESS}/identite/citizens/retour"
    assert asked["code_challenge_method"] == "S256"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    essential = json.loads(asked["claims"])["id_token"]["acr"]
    assert essential["essential"] is True and TWO_FACTORS in essential["values"]
    # Nothing we send shows the proof that only we hold.
    verifiers = [row.content["verifier"] for row in Held.objects.all()]
    assert verifiers and not any(verifier in str(asked) for verifier in verifiers)
    assert base64.urlsafe_b64decode(asked["code_challenge"] + "=")
