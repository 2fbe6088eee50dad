"""Signing in, in a real browser: with and without script, on a phone, with a device's passkey."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from tests.doors.web.person.practice import person_with_account
from tests.doors.web.psychologist.practice import Practice, practice
from tests.signing_in import next_code, sign_in, totp_key

from soutien.doors.sign_in_links import FINISH, STOP, link_path, recovery_path
from soutien.registers.accounts import factors
from soutien.registers.accounts.models import (
    Account,
    LinkKind,
    MailLink,
    OpenSession,
    Recovery,
)
from soutien.steps import codes
from soutien.steps.actor import Actor
from soutien.steps.protect import make_recovery_codes

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = 390
KNOWN_422 = "422"
EMPTIED = (
    "Votre session est terminée Cette page s’est vidée, pour que personne d’autre ne la lise. "
    "Se connecter"
)
LONG_PASSWORD = "quatre mots bien courts"


@pytest.fixture
def here() -> Practice:
    """A psychologist with a day to look at."""
    return practice(timezone.now().replace(microsecond=0))


@pytest.fixture
def person() -> Account:
    """Somebody with an account and a password."""
    return person_with_account(timezone.now())[1]


def give_password(page: Page, account: Account) -> None:
    page.goto("/connexion")
    page.get_by_label("Adresse de courriel").fill(account.email)
    page.get_by_label("Mot de passe").fill("password")
    page.get_by_role("button", name="Se connecter").click()


def a_device(page: Page) -> CDPSession:
    """A telephone that makes passkeys and says yes, as far as the browser can tell."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session


def latest_link(kind: LinkKind) -> str:
    """The path that the last mail of a kind carries."""
    link = MailLink.objects.filter(kind=kind).latest("id")
    return link_path(kind, link.public_id)


def test_a_psychologist_signs_in_with_a_code_on_a_phone_without_script(
    open_page: Callable[..., Page], here: Practice
) -> None:
    totp_key(here.account)
    phone = open_page(width=PHONE, script=False)
    give_password(phone, here.account)
    assert phone.url.endswith("/connexion/code")
    phone.get_by_label("Code").fill(next_code(here.account))
    phone.get_by_role("button", name="Continuer").click()
    phone.wait_for_url("**/cabinet")


def test_a_psychologist_without_second_factor_sets_one_up_before_anything_else(
    any_page: Page, here: Practice
) -> None:
    page = any_page
    give_password(page, here.account)
    page.wait_for_url("**/securite/protection")
    page.goto("/cabinet")
    assert page.url.endswith("/securite/protection")
    page.get_by_role("link", name="Choisir l’application").click()
    key = page.locator("code.address").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(codes.code_of(key, codes.counter_at(timezone.now())))
    page.get_by_role("button", name="Vérifier le code").click()
    page.wait_for_url("**/securite/codes")
    page.get_by_role("button", name="Afficher de nouveaux codes").click()
    shown = page.locator(".codes code").all_inner_texts()
    assert len(set(shown)) == codes.PAPER_CODES
    page.goto("/cabinet")
    assert page.url.endswith("/cabinet")


def test_a_person_enters_by_a_link_from_their_mailbox(any_page: Page, person: Account) -> None:
    page = any_page
    page.goto("/connexion")
    page.get_by_role("link", name="Recevoir un lien par courriel").click()
    page.get_by_label("Adresse de courriel").fill(person.email)
    page.get_by_role("button", name="Envoyer le lien").click()
    page.get_by_role("heading", name="Regardez vos courriels").wait_for()
    page.goto(latest_link(LinkKind.SIGN_IN))
    page.get_by_role("button", name="Entrer").click()
    page.wait_for_url("**/mon-annee")


def test_a_lost_phone_a_code_on_paper(any_page: Page, here: Practice) -> None:
    totp_key(here.account)
    actor = Actor(here.account.role, account_id=here.account.pk)
    paper = make_recovery_codes(actor=actor, at=timezone.now())
    give_password(any_page, here.account)
    any_page.get_by_label("Code").fill(paper[3].upper().replace("-", " "))
    any_page.get_by_role("button", name="Continuer").click()
    any_page.wait_for_url("**/cabinet")
    any_page.goto("/securite")
    assert any_page.get_by_text("9 codes de secours servent encore").count()


def test_a_passkey_is_added_then_is_enough_to_sign_in(browser_page: Page, person: Account) -> None:
    page = browser_page
    sign_in(page, person)
    a_device(page)
    page.goto("/securite/cles")
    page.get_by_label("Nom de cette clé").fill("Mon téléphone")
    page.get_by_role("button", name="Ajouter cette clé").click()
    page.wait_for_url("**/securite/codes")
    page.goto("/securite")
    page.get_by_role("strong").filter(has_text="Mon téléphone").wait_for()
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url(re.compile(r"/$"))
    page.goto("/connexion")
    page.get_by_role("link", name="Utiliser une clé d’accès").click()
    page.get_by_role("button", name="Utiliser ma clé d’accès").click()
    page.wait_for_url("**/mon-annee")
    assert OpenSession.objects.latest("id").how == "passkey"
    assert factors.passkeys(person.pk).get().sign_count > 0


def test_a_passkey_is_a_second_factor_and_can_be_named_and_removed(
    browser_page: Page, here: Practice
) -> None:
    page = browser_page
    sign_in(page, here.account)
    a_device(page)
    page.goto("/securite/cles")
    page.get_by_label("Nom de cette clé").fill("Clé du bureau")
    page.get_by_role("button", name="Ajouter cette clé").click()
    page.wait_for_url("**/securite/codes")
    page.goto("/securite")
    page.get_by_role("button", name="Se déconnecter").click()
    give_password(page, here.account)
    page.get_by_role("button", name="Utiliser ma clé d’accès").click()
    page.wait_for_url("**/cabinet")
    page.goto("/securite")
    page.get_by_role("link", name="Renommer ou retirer Clé du bureau").click()
    page.get_by_label("Nom de cette clé").fill("Clé de la maison")
    page.get_by_role("button", name="Garder ce nom").click()
    page.get_by_role("link", name="Renommer ou retirer Clé de la maison").click()
    page.get_by_role("button", name="Retirer cette clé").click()
    page.wait_for_url("**/securite")
    assert not factors.passkeys(here.account.pk).exists()


def test_a_session_ended_on_one_device_is_over_on_the_other(
    open_page: Callable[..., Page], person: Account
) -> None:
    phone, desk = open_page(width=PHONE), open_page()
    sign_in(phone, person)
    sign_in(desk, person)
    desk.goto("/securite")
    desk.get_by_role("button", name=re.compile("^Déconnecter (?!tous)")).click()
    desk.get_by_text("Cet appareil est déconnecté").wait_for()
    phone.goto("/mon-annee")
    assert "/connexion" in phone.url
    assert phone.get_by_text("Votre session est terminée").count()
    desk.goto("/mon-annee")
    assert desk.url.endswith("/mon-annee")


def test_a_page_left_open_is_emptied_when_its_session_is_over(
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    person: Account,
    page_complaints: list[str],
) -> None:
    ended, alone = open_page(width=PHONE), open_page(width=PHONE)
    alone.clock.install()
    for page in (ended, alone):
        sign_in(page, person)
        page.goto("/mon-annee")
        # Looked at again while the session holds: nothing changes.
        with page.expect_response("**/session"):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        assert page.get_by_role("heading", name=re.compile("année")).first.is_visible()
    OpenSession.objects.filter(account=person).update(ended_at=timezone.now(), ended_why="ended")
    ended.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    # Nobody looks, and the server cannot be reached: its time has come all the same.
    alone.context.set_offline(True)
    alone.clock.fast_forward("03:00:00")
    for page in (ended, alone):
        page.get_by_role("heading", name="Votre session est terminée").wait_for()
        assert page.locator("main").inner_text().split() == EMPTIED.split()
        assert page.locator("nav, form, footer").count() == 0
    assert_accessible(ended)
    page_complaints[:] = [line for line in page_complaints if "ERR_INTERNET" not in line]


def every_page(here: Practice, person: Account) -> list[tuple[Account | None, str]]:
    """Each page of signing in and of « Ma sécurité », with who opens it."""
    at = timezone.now()
    lasting = {"asked_at": at, "ends_at": at + timedelta(hours=1), "language": "fr"}
    of = {
        kind: MailLink.objects.create(
            kind=kind,
            account=None if kind == LinkKind.JOIN else person,
            email="nouvelle.adresse.bien.longue@exemple-de-nom-de-domaine.example.org",
            **lasting,
        )
        for kind in LinkKind
    }
    mailed = [link_path(kind, link.public_id) for kind, link in of.items()]
    return [
        *((None, path) for path in ("/connexion", "/connexion/cle", "/connexion/lien")),
        *((None, path) for path in ("/connexion/lien-envoye", "/compte/ouvrir", "/mot-de-passe")),
        *((None, path) for path in mailed),
        (None, "/compte/ouvrir/rien"),
        *((person, path) for path in ("/securite", "/securite/protection", "/securite/confirmer")),
        *((person, path) for path in ("/securite/application", "/securite/cles")),
        *((person, path) for path in ("/securite/mot-de-passe", "/securite/adresse")),
        *((here.account, path) for path in ("/securite", "/securite/codes")),
        (here.account, "/securite/confirmer"),
    ]


@pytest.mark.parametrize(
    ("width", "dark"), [(PHONE, False), (1280, True)], ids=["phone", "desk_dark"]
)
def test_every_page_is_readable_and_accessible(
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    here: Practice,
    person: Account,
    page_complaints: list[str],
    width: int,
    dark: bool,
) -> None:
    pages: dict[int, Page] = {}
    totp_key(here.account)
    for account, path in every_page(here, person):
        key = account.pk if account else 0
        if key not in pages:
            pages[key] = open_page(width=width, dark=dark)
            if account:
                sign_in(pages[key], account)
        page = pages[key]
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert_accessible(page)
        keep_picture(page, f"{width}-{key and account.role}-{path}")
    page = pages[here.account.pk]
    page.goto("/securite/codes")
    page.get_by_role("button", name="Afficher de nouveaux codes").click()
    assert_accessible(page)
    keep_picture(page, f"{width}-codes-shown")
    other = open_page(width=width, dark=dark)
    give_password(other, here.account)
    other.wait_for_url("**/connexion/code")
    assert_accessible(other)
    keep_picture(other, f"{width}-second-factor")
    other.get_by_label("Code").fill("000000")
    other.get_by_role("button", name="Continuer").click()
    other.get_by_text("Ce code n’est pas le bon").first.wait_for()
    assert_accessible(other)
    keep_picture(other, f"{width}-wrong-code")
    # The status of a form to correct, and of a link that is over.
    assert all("422" in line or "404" in line for line in page_complaints), page_complaints
    page_complaints.clear()


def keep_picture(page: Page, name: str) -> None:
    import os

    if folder := os.environ.get("SI_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name.replace('/', '_')[:60]}.png", full_page=True)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_anybody_can_read_how_an_account_comes_back(
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    width: int,
    dark: bool,
) -> None:
    account = person_with_account(timezone.now())[1]
    totp_key(account)
    page = open_page(width=width, dark=dark)

    def right() -> None:
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url

    page.goto("/connexion/perdu")
    right()
    page.fill("[name=email]", account.email)
    page.get_by_role("button", name="Envoyer le lien").click()
    page.wait_for_url("**/connexion/lien-envoye")
    link = MailLink.objects.get()
    page.goto(link_path(LinkKind.RECOVER, link.public_id))
    right()
    page.get_by_role("button", name="Commencer la récupération").click()
    page.get_by_role("heading", name="La récupération a commencé").wait_for()
    right()
    recovery = Recovery.objects.get()
    page.goto(recovery_path(STOP, recovery.public_id))
    right()
    begun = timezone.now() - timedelta(days=8)
    Recovery.objects.update(began_at=begun, ready_at=begun + timedelta(days=7))
    page.goto(recovery_path(FINISH, recovery.public_id))
    right()
    page.goto(recovery_path(STOP, recovery.public_id))
    page.get_by_role("button", name="Arrêter la récupération").click()
    page.get_by_role("heading", name="La récupération est arrêtée").wait_for()
    right()
