"""A paper sheet with a wrong price: told why, sent back, mended, decided, and paid."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests import factories as make
from tests import paying
from tests.doors.web.psychologist.practice import Practice, practice
from tests.paying import Movement, camt_054
from tests.signing_in import sign_in

from soutien.registers.accounts.models import Role
from soutien.registers.payments import queries as payments
from soutien.steps.pay import prepare_order, release_order

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("SOUTIEN_PICTURES", "")


def looked_at(page: Page, name: str) -> None:
    """Fits its screen, passes axe, and leaves a picture where SOUTIEN_PICTURES says."""
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    ), name
    found = Axe().run(page)
    assert not found.response["violations"], (name, found.generate_report())
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_a_paper_sheet_with_a_wrong_price_is_refused_mended_and_paid(
    open_page: Callable[..., Page],
) -> None:
    here = practice(timezone.now().replace(microsecond=0))
    who = here.patient()
    page = open_page(width=1280)
    sign_in(page, here.agent)
    page.goto("/caisse/feuilles")
    looked_at(page, "papers")
    page.get_by_role("link", name="Saisir une feuille").click()
    looked_at(page, "paper-begin")
    for name, value in here.paper_form(who, "45").items():
        field = page.locator(f"[name={name}]")
        if name in ("linked_to", "code_1"):
            field.select_option(value)
        elif not name.startswith("signed"):
            field.fill(value)
    page.get_by_role("button", name="Continuer").click()

    page.fill("[name=amount_1]", "54")
    page.get_by_role("button", name="Comparer").click()
    assert page.get_by_text("Les montants diffèrent").count()
    looked_at(page, "paper-differs")
    page.fill("[name=amount_1]", "45")
    page.get_by_role("button", name="Comparer").click()
    assert page.get_by_text("le seul prix permis").count()
    assert page.get_by_text("refait la feuille au bon prix").count()
    looked_at(page, "paper-refused")
    page.get_by_role("button", name="Renvoyer la feuille").click()
    assert page.get_by_text("Cette feuille est renvoyée au psychologue").count()
    looked_at(page, "receipt-returned")

    page.goto("/caisse/feuilles")
    page.locator("table a").first.click()
    page.get_by_role("link", name="Saisir la feuille corrigée").click()
    page.fill("[name=amount_1]", "50")
    page.get_by_role("button", name="Continuer").click()
    page.fill("[name=amount_1]", "50,00")
    page.get_by_role("button", name="Comparer").click()
    looked_at(page, "paper-accepted")
    page.get_by_role("button", name="Décider").click()
    reference = page.locator("h1 span").inner_text()
    looked_at(page, "receipt-decided")

    paid(here)
    mine = open_page(width=390, dark=True)
    sign_in(mine, make.account(Role.PERSON, person=who))
    mine.goto("/recepisses")
    mine.fill("[name=reference]", reference)
    mine.get_by_role("button", name="Voir où elle en est").click()
    assert mine.get_by_text("acceptée").count()
    looked_at(mine, "receipt-person")


def paid(here: Practice) -> None:
    """The fund orders what it owes, somebody else lets it leave, and the bank says it is paid."""
    paying.PayerAccount.objects.create(
        payer=f"fund:{make.FUND}", name="Caisse", iban=paying.IBANS[2]
    )
    paying.confirmed(psychologist=here.psychologist)
    at = timezone.now()
    order = prepare_order(
        actor=paying.agent(make.FUND), cut_off_on=at.date(), execution_on=at.date(), at=at
    )
    release_order(actor=paying.agent(make.FUND), order_id=order.public_id, at=at)
    [transfer] = payments.transfers_of(order.pk)
    bank = Client()
    bank.force_login(here.agent)
    told = camt_054([Movement(transfer.number, 3000, day=at.date())])
    form = {"file": SimpleUploadedFile("bank.xml", told)}
    page = bank.post(reverse("fund_bank"), form, follow=True).content.decode()
    assert "1 ligne nouvelle" in page and "Aucun écart" in page
