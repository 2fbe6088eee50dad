"""Where the money is, for everybody's eyes: a person on a phone, a psychologist at a desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from tests import factories as make
from tests import paying
from tests.doors.web.psychologist.practice import practice
from tests.signing_in import sign_in

from soutien.registers.accounts.models import Role
from soutien.registers.payments.models import PayerAccount
from soutien.rules.codes import ThirdParty

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 12, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(("width", "dark"), [(320, True), (1280, False)])
def test_everybody_reads_where_the_money_is(
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    screenshot: Callable[[Page, str], None],
    width: int,
    dark: bool,
) -> None:
    with time_machine.travel(NOW):
        here = practice(NOW)
        PayerAccount.objects.create(payer=paying.PAYER, name="Caisse", iban=paying.IBANS[2])
        who = here.patient()
        for to in (ThirdParty.NONE, ThirdParty.AMO):
            paying.owed_claims(here.place, who, 2, third_party=int(to))
        session = make.care_session(who, here.place, held_on=here.today - timedelta(days=40))
        refused = make.claim(make.care_sheet(session), received_on=here.today)
        make.decision(refused, accepted=False)
        page = open_page(width=width, dark=dark)

        def looked_at(path: str, said: str, name: str) -> None:
            page.goto(path)
            page.get_by_text(said).first.wait_for()
            assert_accessible(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            screenshot(page, f"{name}-{width}")

        sign_in(page, make.account(Role.PERSON, person=who))
        page.goto("/mon-annee")
        page.get_by_role("link", name="Où en est mon argent").click()
        looked_at("/mon-argent", "C’est long", "money-person")
        looked_at("/mes-paiements?mois=2026-11", "dus au début", "money-month")
        page.context.clear_cookies()
        sign_in(page, here.account)
        looked_at("/cabinet/reglements", "Lettre de relance", "money-psychologist")
