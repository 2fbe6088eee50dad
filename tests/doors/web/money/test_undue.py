"""What was paid in excess: the page of debts, a letter to listen to, money that gives it back."""

from __future__ import annotations

from datetime import datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from tests import factories, paying
from tests.paying import DAY, ON, Movement
from tests.steps.test_reclaim import claim as paid_then_refused
from tests.steps.test_reclaim import tell

from soutien.registers.accounts.models import Role
from soutien.registers.claims.models import Claim

pytestmark = pytest.mark.django_db
claim = paid_then_refused
NOW = datetime.fromisoformat("2026-12-12T10:00:00+00:00")


@time_machine.travel(NOW, tick=False)
def test_a_debt_is_written_to_and_given_back(claim: Claim) -> None:
    browser = Client()
    browser.force_login(factories.account(Role.FUND_AGENT, fund_code=paying.CODE))
    path = reverse("fund_undue")
    page = browser.get(path).content.decode()
    assert claim.reference in page and "Aucun argent arrivé" in page
    letter = browser.get(reverse("fund_undue_letters"), {"demande": str(claim.public_id)})
    assert letter.content.startswith(b"%PDF") and b"/StructTreeRoot" in letter.content

    tell(Movement("", 3000, "returned", reference="C", day=ON + 30 * DAY))
    page = browser.get(path).content.decode()
    line = page.split('<option value="')[-1].split('"')[0]
    form = {"claim": str(claim.public_id), "kind": "psychologist"}
    assert browser.post(path, form).status_code == 422
    answer = browser.post(path, form | {"line": line}, follow=True).content.decode()
    assert "la somme est rendue" in answer and "Rien n’est à rendre" in answer
    assert browser.get(reverse("fund_undue_letters")).status_code == 302
