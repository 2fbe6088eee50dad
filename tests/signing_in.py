"""Signing in, for tests: the whole way in a browser, or a session that is there at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client
from django.utils import timezone

from soutien.doors.web.actors import SECOND_FACTOR_AT
from soutien.doors.web.signing_in.complete import PROVED_AT
from soutien.registers.accounts import factors, open_sessions
from soutien.registers.accounts.models import Account, OpenSession, TotpKey
from soutien.steps import codes
from soutien.steps.permissions import NEEDS_SECOND_FACTOR

if TYPE_CHECKING:
    from playwright.sync_api import Page

PASSWORD = "password"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LONG = timedelta(days=3650)


def totp_key(account: Account) -> TotpKey:
    """The account's key for codes; made and confirmed when it has none."""
    key = factors.totp_key(account.pk)
    if key is None:
        at = datetime(2022, 1, 1, tzinfo=UTC)
        key = TotpKey.objects.create(
            account=account, secret=SECRET, made_at=at, confirmed_at=at, last_counter=0
        )
    return key


def next_code(account: Account, *, at: datetime | None = None) -> str:
    """A code that is good about now, and was not used yet."""
    key = totp_key(account)
    counter = max(codes.counter_at(at or timezone.now()), key.last_counter + 1)
    return codes.code_of(key.secret, counter)


def sign_in(page: Page, account: Account, then: str = "") -> None:
    """All of it, as its owner does: the password, then a code where the role asks for one."""
    protected = account.role in NEEDS_SECOND_FACTOR or factors.has_any(account.pk)
    if protected:
        totp_key(account)
    page.goto(f"/connexion?next={then}" if then else "/connexion")
    page.fill("[name=username]", account.email)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    if protected:
        page.wait_for_url("**/connexion/code")
        page.fill("[name=code]", next_code(account))
        page.locator("main form:has([name=code]) button[type=submit]").click()
    page.wait_for_url(f"**{then}" if then else lambda url: "/connexion" not in url)


def stand_signed_in(session: SessionBase, account: Account) -> OpenSession:
    """What a sign-in leaves: the marks in the session, and the row that says it goes on."""
    now = timezone.now()
    session[PROVED_AT] = now.isoformat()
    if account.role in NEEDS_SECOND_FACTOR:
        session[SECOND_FACTOR_AT] = now.isoformat()
    session.save()
    return open_sessions.begin(
        account_id=account.pk,
        session_key=str(session.session_key),
        device="firefox/linux",
        how="password",
        second_factor=account.role in NEEDS_SECOND_FACTOR,
        # Whatever day a test goes to.
        at=now + LONG,
        ends_at=now + 2 * LONG,
    )


@pytest.fixture(scope="session", autouse=True)
def forced_sign_ins_are_written_down() -> Iterator[None]:
    """``client.force_login`` gives the whole of a sign-in, a second factor where one is needed."""
    forced = Client.force_login

    def force_login(self: Client, user: Any, backend: str | None = None) -> None:
        forced(self, user, backend)
        session = self.session
        stand_signed_in(session, user)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "force_login", force_login)
        yield
