"""What may be taken once is taken once, by however many at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection
from tests import factories as make
from tests.signing_in import totp_key

from soutien.registers.accounts import factors, mail_links
from soutien.registers.accounts.models import LinkKind, MailLink, RecoveryCode, Role, TotpKey

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
AT_ONCE = 8


def how_many_took(take: Callable[[], object]) -> int:
    """How many of several connections took it, all at the same moment."""
    start = Barrier(AT_ONCE)

    def one(_number: int) -> bool:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            return bool(take())
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(one, range(AT_ONCE)))


def test_a_code_of_an_application_is_taken_once() -> None:
    key = totp_key(make.account(Role.ADMINISTRATOR))
    assert how_many_took(lambda: factors.take_counter(key.pk, 7, at=NOW)) == 1


def test_a_code_looked_at_first_and_taken_later_is_taken_by_several() -> None:
    key = totp_key(make.account(Role.ADMINISTRATOR))

    def looked_at_first() -> bool:
        if TotpKey.objects.get(pk=key.pk).last_counter >= 7:
            return False
        return bool(TotpKey.objects.filter(pk=key.pk).update(last_counter=7))

    def again() -> int:
        TotpKey.objects.filter(pk=key.pk).update(last_counter=0)
        return how_many_took(looked_at_first)

    assert any(again() > 1 for _try in range(40))


def test_a_code_on_paper_is_taken_once() -> None:
    account = make.account(Role.ADMINISTRATOR)
    factors.replace_codes(account.pk, ["digest"], at=NOW)
    code = RecoveryCode.objects.get()
    assert how_many_took(lambda: factors.take_code(code.pk, at=NOW)) == 1


def test_a_link_is_taken_once() -> None:
    link = MailLink.objects.create(
        kind=LinkKind.SIGN_IN,
        email="somebody@example.org",
        asked_at=NOW,
        ends_at=NOW + timedelta(minutes=20),
    )
    assert how_many_took(lambda: mail_links.take(link.public_id, link.kind, at=NOW)) == 1
