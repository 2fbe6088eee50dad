"""What starts from a mailbox: once, for a while, and without telling who has an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests import factories as make
from tests.doors.web.person.practice import next_monday, person_with_account, practice
from tests.doors.web.signing_in.mailbox import lines_of, mails, path_in
from tests.signing_in import next_code, totp_key

from soutien.doors.sign_in_links import link_path
from soutien.doors.web.signing_in.rates import ELSEWHERE, LINKS_TO
from soutien.registers.accounts import queries as accounts
from soutien.registers.accounts.models import Account, LinkKind, MailLink, OpenSession, Role
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Person

pytestmark = pytest.mark.django_db
ASKED_AT = {
    "/connexion/lien": LinkKind.SIGN_IN,
    "/mot-de-passe": LinkKind.PASSWORD,
    "/compte/ouvrir": LinkKind.JOIN,
}
PASSWORD = "quatre mots bien courts"
CARE_WORDS = ("psy", "séance", "santé", "soin", "rendez-vous", "thérap", "session")


@pytest.fixture
def person() -> Account:
    return person_with_account(timezone.now())[1]


def ask(client: Client, path: str, email: str, **more: str) -> Any:
    return client.post(path, {"email": email, **more})


def sent_to(email: str) -> str:
    return path_in([mail for mail in mails() if mail.to == email][-1])


def use(path: str, email: str, client: Client | None = None, **more: str) -> Any:
    """A link used in another browser than asked for it, with the address once more."""
    return (client or Client()).post(path, {"email": email, **more})


@pytest.mark.parametrize("path", ASKED_AT)
def test_asking_reads_and_costs_the_same_whoever_the_address_belongs_to(
    person: Account, path: str
) -> None:
    closed = make.account(Role.ADMINISTRATOR, is_active=False)
    seen = set()
    for email in (person.email, "nobody@example.org", closed.email):
        with CaptureQueriesContext(connection) as queries:
            answer = ask(Client(), path, email)
        seen.add((answer.status_code, answer["Location"], len(queries)))
    assert len(seen) == 1
    assert MailLink.objects.filter(kind=ASKED_AT[path]).count() == 3
    assert Letter.objects.filter(kind="accounts.link.asked").count() == 3
    # One mail each, to whoever asked.
    assert sorted(mail.to for mail in mails()) == sorted(
        [person.email, "nobody@example.org", closed.email]
    )


@pytest.mark.parametrize("path", ASKED_AT)
def test_the_mail_alone_says_whether_there_is_an_account(person: Account, path: str) -> None:
    ask(Client(), path, person.email)
    ask(Client(), path, "nobody@example.org")
    known, unknown = (
        next(mail for mail in mails_of if mail.to == email)
        for mails_of in [mails()]
        for email in (person.email, "nobody@example.org")
    )
    joins = path == "/compte/ouvrir"
    assert ("en a déjà un" in known.body) == joins
    assert ("n’a pas de compte" in unknown.body) == (not joins)


@pytest.mark.parametrize("path", ASKED_AT)
def test_no_subject_says_anything_of_care(person: Account, path: str) -> None:
    for email in (person.email, "nobody@example.org"):
        ask(Client(), path, email)
    for mail in mails():
        assert not any(word in mail.subject.lower() for word in CARE_WORDS), mail.subject
        assert person.email not in mail.subject


def test_who_asked_for_discretion_reads_a_neutral_subject(person: Account) -> None:
    Person.objects.filter(pk=person.person_id).update(discreet=True)
    ask(Client(), "/connexion/lien", person.email)
    [mail] = mails()
    assert (mail.subject, mail.sender_name) == ("Un message pour vous", "Rendez-vous")


def test_a_link_signs_in_once_and_its_page_alone_does_nothing(person: Account) -> None:
    ask(Client(), "/connexion/lien", person.email)
    path = sent_to(person.email)
    # A scanner of mails opens it, twice.
    for _time in range(2):
        assert Client().get(path).status_code == 200
    assert not OpenSession.objects.exists()
    assert use(path, person.email)["Location"] == "/mon-annee"
    assert OpenSession.objects.get().how == "link"
    assert Client().get(path).status_code == 404
    assert use(path, person.email).status_code == 404
    assert lines_of("accounts.link.followed") == ["sign_in done"]


def test_in_the_browser_that_asked_one_press_is_enough(person: Account) -> None:
    here = Client()
    ask(here, "/connexion/lien", person.email)
    path = sent_to(person.email)
    page = here.get(path).content.decode()
    assert person.email in page and 'name="email"' not in page
    assert here.post(path)["Location"] == "/mon-annee"


@pytest.mark.parametrize("path", ["/connexion/lien", "/mot-de-passe"])
def test_elsewhere_a_link_is_used_by_who_knows_the_address_alone(
    person: Account, path: str
) -> None:
    """Whoever sends somebody a link of their own signs nobody in to it."""
    ask(Client(), path, person.email)
    link, victim = sent_to(person.email), Client()
    ask(victim, path, "somebody.else@example.org")
    page = victim.get(link).content.decode()
    assert person.email not in page and 'name="email"' in page
    for typed in ("somebody.else@example.org", ""):
        answer = use(link, typed, victim, password=PASSWORD)
        assert answer.status_code == 422
    assert "Écrivez celle où le message est arrivé" in answer_to_another(link)
    assert not OpenSession.objects.exists()
    assert use(link, person.email.upper(), victim, password=PASSWORD).status_code == 302
    assert OpenSession.objects.exists()


def answer_to_another(link: str) -> str:
    return str(use(link, "another@example.org", password=PASSWORD).content.decode())


def test_addresses_cannot_be_tried_without_end(person: Account) -> None:
    ask(Client(), "/connexion/lien", person.email)
    link = sent_to(person.email)
    statuses = [use(link, f"{n}@example.org").status_code for n in range(ELSEWHERE.most + 1)]
    assert statuses == [422] * ELSEWHERE.most + [429]
    assert use(link, person.email).status_code == 429


def test_a_link_leads_to_the_page_that_was_asked_for_and_never_elsewhere(
    person: Account,
) -> None:
    ask(Client(), "/connexion/lien", person.email, next="/mon-annee?annee=2025")
    assert use(sent_to(person.email), person.email)["Location"] == "/mon-annee?annee=2025"
    ask(Client(), "/connexion/lien", person.email, next="https://evil.example/")
    assert use(sent_to(person.email), person.email)["Location"] == "/mon-annee"


def test_a_link_is_too_old_after_a_while(person: Account) -> None:
    now = timezone.now()
    with time_machine.travel(now):
        ask(Client(), "/connexion/lien", person.email)
        path = sent_to(person.email)
    with time_machine.travel(now + timedelta(minutes=11)):
        assert use(path, person.email).status_code == 404


def test_using_one_link_voids_the_others_of_the_same_kind(person: Account) -> None:
    paths = []
    for _time in range(2):
        ask(Client(), "/connexion/lien", person.email)
        paths.append(sent_to(person.email))
    assert use(paths[1], person.email).status_code == 302
    assert use(paths[0], person.email).status_code == 404


def test_a_link_of_one_kind_is_good_for_nothing_else(person: Account) -> None:
    ask(Client(), "/connexion/lien", person.email)
    link = MailLink.objects.get()
    for kind in (LinkKind.PASSWORD, LinkKind.JOIN, LinkKind.EMAIL):
        assert Client().get(link_path(kind, link.public_id)).status_code == 404
    token = sent_to(person.email).rpartition("/")[2]
    for path in ("/mot-de-passe/", "/compte/ouvrir/", "/compte/adresse/"):
        assert Client().post(path + token, {"password": PASSWORD}).status_code == 404
    assert Client().post(f"/connexion/lien/{token[:-1]}").status_code == 404


def test_a_link_does_not_replace_the_second_factor(person: Account) -> None:
    totp_key(person)
    ask(Client(), "/connexion/lien", person.email)
    client = Client()
    assert use(sent_to(person.email), person.email, client)["Location"] == "/connexion/code"
    assert not OpenSession.objects.exists()
    assert client.post("/connexion/code", {"code": next_code(person)}).status_code == 302


def test_a_closed_account_is_written_to_as_if_it_were_not_there(person: Account) -> None:
    Account.objects.filter(pk=person.pk).update(is_active=False)
    ask(Client(), "/connexion/lien", person.email)
    [mail] = mails()
    assert "n’a pas de compte" in mail.body
    link = MailLink.objects.get()
    assert use(link_path(LinkKind.SIGN_IN, link.public_id), person.email).status_code == 404


def test_one_mailbox_does_not_receive_without_end() -> None:
    statuses = [
        ask(Client(), "/connexion/lien", "nobody@example.org").status_code
        for _time in range(LINKS_TO.most + 1)
    ]
    assert statuses == [302] * LINKS_TO.most + [429]


# A new password


def test_a_new_password_by_link_signs_every_browser_out(person: Account) -> None:
    other = Client()
    other.force_login(person)
    assert other.get("/mon-annee").status_code == 200
    ask(Client(), "/mot-de-passe", person.email)
    path = sent_to(person.email)
    assert Client().get(path).status_code == 200
    assert use(path, person.email, password=PASSWORD)["Location"] == "/mon-annee"
    assert other.get("/mon-annee").status_code == 302
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    [notice] = mails()
    assert "mot de passe" in notice.body
    assert use(path, person.email, password=PASSWORD).status_code == 404


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("court", "un peu court"),
        ("motdepasse123", ""),
        ("password1234", "trop connu"),
        ("", "Il manque le mot de passe"),
    ],
)
def test_a_weak_password_is_refused_with_a_reason_and_the_link_stays_good(
    person: Account, password: str, why: str
) -> None:
    ask(Client(), "/mot-de-passe", person.email)
    path = sent_to(person.email)
    if not why:
        return
    page = use(path, person.email, password=password)
    assert page.status_code == 422
    assert why in page.content.decode()
    assert use(path, person.email, password=PASSWORD).status_code == 302


def test_a_password_like_one_s_own_address_is_refused(person: Account) -> None:
    ask(Client(), "/mot-de-passe", person.email)
    page = use(sent_to(person.email), person.email, password=person.email)
    assert "ressemble trop" in page.content.decode()


# An account


NEWCOMER = {"given_name": "Noé", "family_name": "d’Exemple", "birth_date": "17 05 1990"}


@pytest.mark.parametrize("password", [PASSWORD, ""])
def test_an_account_opens_on_an_address_that_was_opened(password: str) -> None:
    client, email = Client(), "noe@example.org"
    ask(client, "/compte/ouvrir", "Noe@Example.org")
    path = sent_to(email)
    assert client.get(path).status_code == 200
    answer = client.post(path, NEWCOMER | {"password": password})
    assert answer["Location"] == "/mon-annee"
    account = accounts.by_email(email)
    assert account is not None
    assert account.role == Role.PERSON
    assert account.has_usable_password() == bool(password)
    assert client.get("/mon-annee").status_code == 200
    assert account.person is not None
    assert (account.person.given_name, account.person.email) == ("Noé", email)
    assert lines_of("accounts.account.opened") == [" done"]
    assert client.post(path, NEWCOMER).status_code == 404


def test_what_is_missing_is_said_and_no_account_is_opened() -> None:
    ask(Client(), "/compte/ouvrir", "noe@example.org")
    page = Client().post(sent_to("noe@example.org"), {"given_name": "Noé"})
    assert page.status_code == 422
    for sentence in ("Il manque votre nom de famille.", "Il manque votre jour de naissance."):
        assert sentence in page.content.decode()
    assert accounts.by_email("noe@example.org") is None


def visitor() -> tuple[Client, str]:
    """A browser that booked without an account, and the appointment's address."""
    client = Client()
    room = practice()
    now = timezone.now()
    address = room.book(client, next_monday(now, 8))
    return client, address


def test_a_visitor_keeps_what_was_booked_in_the_same_browser() -> None:
    client, _address = visitor()
    who = Person.objects.latest("id")
    ask(client, "/compte/ouvrir", "noe@example.org")
    path = sent_to("noe@example.org")
    page = client.get(path)
    assert "seront dans votre compte" in page.content.decode()
    assert client.post(path, {"password": ""})["Location"] == "/mon-annee"
    account = accounts.by_email("noe@example.org")
    assert account is not None
    assert account.person_id == who.pk
    assert Person.objects.count() == 1


def test_whoever_receives_the_mail_by_mistake_sees_nothing_of_it() -> None:
    client, _address = visitor()
    who = Person.objects.latest("id")
    ask(client, "/compte/ouvrir", "slip@example.org")
    path = sent_to("slip@example.org")
    stranger = Client()
    page = stranger.get(path).content.decode()
    assert "dans le navigateur où vous avez réservé" in page
    # Not even by asking for a link of their own meanwhile.
    ask(stranger, "/compte/ouvrir", "another@example.org")
    assert stranger.post(path, {"password": ""}).status_code == 422
    assert stranger.post(path, NEWCOMER).status_code == 302
    account = accounts.by_email("slip@example.org")
    assert account is not None
    assert account.person_id != who.pk


def test_a_person_who_has_an_account_is_not_given_to_another() -> None:
    client, _address = visitor()
    for email in ("noe@example.org", "second@example.org"):
        ask(client, "/compte/ouvrir", email)
    first, second = (
        link_path(LinkKind.JOIN, link.public_id) for link in MailLink.objects.order_by("id")
    )
    who = Person.objects.get()
    assert client.post(first, {"password": ""}).status_code == 302
    client.post("/deconnexion")
    assert client.post(second, NEWCOMER).status_code == 302
    account = accounts.by_email("second@example.org")
    assert account is not None
    assert account.person_id != who.pk


# Another address


def test_another_address_is_confirmed_from_its_own_mailbox_and_the_former_is_told(
    person: Account,
) -> None:
    client, former = Client(), person.email
    client.force_login(person)
    assert client.post("/securite/adresse", {"email": "neuve@example.org"}).status_code == 302
    person.refresh_from_db()
    assert person.email == former
    path = sent_to("neuve@example.org")
    assert Client().get(path).status_code == 200
    assert Client().post(path).status_code == 302
    person.refresh_from_db()
    assert person.email == "neuve@example.org"
    [notice] = mails()
    assert notice.to == former
    assert "adresse" in notice.body


def test_an_address_that_has_an_account_is_not_taken_and_nothing_is_told_on_the_page(
    person: Account,
) -> None:
    other = person_with_account(timezone.now())[1]
    client = Client()
    client.force_login(person)
    answers = {
        client.post("/securite/adresse", {"email": email})["Location"]
        for email in (other.email, "neuve@example.org")
    }
    assert answers == {"/connexion/lien-envoye"}
    to_other = next(mail for mail in mails() if mail.to == other.email)
    assert "en a déjà un" in to_other.body
    link = MailLink.objects.order_by("id").first()
    assert link is not None
    assert Client().post(link_path(LinkKind.EMAIL, link.public_id)).status_code == 404


@pytest.mark.parametrize(
    "then",
    ["/mon-annee\x00", "/mon-annee\r\nX: y", "/" + "a" * 5000, "//evil.example", "javascript:1"],
)
@pytest.mark.parametrize("path", [*ASKED_AT, "/connexion"])
def test_a_strange_page_to_go_on_to_is_none(person: Account, path: str, then: str) -> None:
    form = {"email": person.email, "username": person.email, "password": "password"}
    answer = Client().post(path, form | {"next": then})
    assert answer["Location"] in ("/connexion/lien-envoye", "/mon-annee")
    assert not MailLink.objects.exclude(then="").exists()
