"""Signing in at two web processes: what one of them ends, counts or takes, the other knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher, make_password
from django.utils import timezone
from tests import factories as make
from tests.proof.clients import Answer, Browser, account_session, at_once
from tests.proof.served import Product
from tests.signing_in import next_code, totp_key

from soutien.doors.web.signing_in.rates import PASSWORDS
from soutien.registers.accounts.models import Account, OpenSession, Role
from soutien.steps import codes
from soutien.steps.actor import Actor
from soutien.steps.protect import make_recovery_codes

pytestmark = pytest.mark.race
FOUND, UNCLEAR, TOO_MANY = 302, 422, 429
BROWSERS = 8


def an_account() -> Account:
    """An administrator whose password the served product can check, with an application."""
    account = make.account(Role.ADMINISTRATOR)
    account.password = make_password("password", hasher=ScryptPasswordHasher())
    account.save()
    totp_key(account)
    return account


@contextmanager
def browsers_at(product: Product, number: int) -> Iterator[list[Browser]]:
    """So many browsers, every other one at the other process, each with a form token."""
    browsers = [Browser(product.ports[place % 2]) for place in range(number)]
    try:
        at_once([browser.take_token for browser in browsers])
        yield browsers
    finally:
        for browser in browsers:
            browser.close()


def give_password(browser: Browser, account: Account, password: str = "password") -> Answer:
    return browser.post("/connexion", {"username": account.email, "password": password})


def test_a_session_ended_at_one_process_is_over_at_the_other(product: Product) -> None:
    account = an_account()
    own, other = account_session(account), account_session(account)
    with (
        closing(Browser(product.ports[0], session=own)) as desk,
        closing(Browser(product.ports[1], session=other)) as phone,
    ):
        for browser in (desk, phone):
            browser.take_token()
            assert browser.get("/securite").status == 200
        ended = OpenSession.objects.filter(account=account).order_by("id").last()
        assert ended is not None
        assert desk.post(f"/securite/appareils/{ended.public_id}", {}).status == FOUND
        assert phone.get("/securite").location.startswith("/connexion")
        assert desk.get("/securite").status == 200


def test_tries_at_both_processes_are_counted_together(product: Product) -> None:
    account = an_account()
    with browsers_at(product, PASSWORDS.most * 2) as browsers:
        answers = at_once(
            [lambda browser=browser: give_password(browser, account, "no") for browser in browsers]
        )
        statuses = sorted(answer.status for answer in answers)
    # A stretch may end in the middle: then there are as many tries again, and never more.
    allowed = statuses.count(UNCLEAR)
    assert allowed in range(PASSWORDS.most, PASSWORDS.most * 2 + 1)
    assert set(statuses) <= {UNCLEAR, TOO_MANY}
    if allowed != PASSWORDS.most:
        pytest.skip("a quarter of an hour ended meanwhile")


@pytest.mark.parametrize("kind", ["shown", "paper"])
def test_one_code_given_everywhere_at_once_lets_one_browser_in(
    product: Product, kind: str
) -> None:
    account = an_account()
    if kind == "paper":
        actor = Actor(account.role, account_id=account.pk)
        code = make_recovery_codes(actor=actor, at=timezone.now())[0]
    with browsers_at(product, BROWSERS) as browsers:
        for browser in browsers:
            assert give_password(browser, account).location == "/connexion/code"
        if kind == "shown":
            code = next_code(account)
            assert len(code) == codes.DIGITS
        answers = at_once(
            [
                lambda browser=browser: browser.post("/connexion/code", {"code": code})
                for browser in browsers
            ]
        )
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [FOUND, *[UNCLEAR] * (BROWSERS - 1)]
    assert OpenSession.objects.filter(account=account).count() == 1
