"""An agent types a paper sheet, sends back what is wrong, decides; the person follows it."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests import factories as make
from tests.doors.web.psychologist.practice import Practice, practice, words_of

from soutien.registers.accounts.models import Role
from soutien.registers.claims.models import Claim, PaperSheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Practice:
    return practice(timezone.now().replace(microsecond=0))


@pytest.fixture
def agent(client: Client, here: Practice) -> Client:
    client.force_login(here.agent)
    return client


def told(client: Client, path: str) -> str:
    return html.unescape(words_of(client.get(path)))


def test_a_wrong_price_is_told_with_its_text_goes_back_and_the_mended_sheet_is_decided(
    agent: Client, here: Practice
) -> None:
    who = here.patient()
    answer = agent.post(reverse("fund_paper_begin"), here.paper_form(who, "45,00"))
    paper = PaperSheet.objects.get()
    page = reverse("fund_paper", args=[paper.public_id])
    assert answer["Location"] == page
    first = told(agent, page)
    assert "Taper les montants une seconde fois" in first and "45" not in _amounts(first)
    agent.post(page, {"act": "amounts", "amount_1": "45"})
    checked = told(agent, page)
    assert "le seul prix permis était de 50\u00a0€" in checked, "why"
    assert "refait la feuille au bon prix" in checked, "what mends it"
    assert "Arrêté du" in checked, "the text"
    assert "Renvoyer la feuille au psychologue" in checked
    answer = agent.post(page, {"act": "return"})
    receipt = told(agent, answer["Location"])
    assert paper.reference in receipt and "renvoyée" in receipt
    mended = f"{reverse('fund_paper_begin')}?corrige={paper.public_id}"
    assert who.nir in told(agent, mended)
    agent.post(mended, here.paper_form(who, "50"))
    second = PaperSheet.objects.get(replaces=paper)
    page = reverse("fund_paper", args=[second.public_id])
    agent.post(page, {"act": "amounts", "amount_1": "50"})
    answer = agent.post(page, {"act": "decide"})
    assert "acceptée" in told(agent, answer["Location"])
    assert Claim.objects.get().decisions.get().accepted
    # The claim's own screen leads to what was typed: it has no other sheet to show.
    claim = told(agent, reverse("fund_claim", args=[Claim.objects.get().public_id]))
    assert page in claim and "comme elle a été établie" not in claim
    client = Client()
    client.force_login(make.account(Role.PERSON, person=who))
    answer = client.post(reverse("receipts"), {"reference": second.reference})
    assert "acceptée" in told(client, answer["Location"])
    assert "renvoyée" in told(client, reverse("receipt", args=[paper.public_id]))


def _amounts(text: str) -> str:
    """What stands in the fields of amounts."""
    return " ".join(re.findall(r'name="amount_\d+"[^>]*value="([^"]*)"', text))


def test_amounts_that_differ_are_shown_beside_each_other(agent: Client, here: Practice) -> None:
    paper = here.paper(here.patient(), 500)
    page = reverse("fund_paper", args=[paper.public_id])
    agent.post(page, {"act": "amounts", "amount_1": "50"})
    text = told(agent, page)
    assert "Les montants diffèrent" in text
    assert "<strong>5\u00a0€</strong>, puis <strong>50\u00a0€</strong>" in text
    assert "Décider" not in text
    agent.post(page, {"act": "amounts", "amount_1": "50"})
    assert "Décider" in told(agent, page)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("nir", "1 85 05 78 006 084 36", "numéro"),
        ("psychologist", "123", "Relisez ce numéro"),
        ("amount_1", "cinquante", "Relisez ce montant"),
        ("amount_1", "50.001", "Relisez ce montant"),
        ("day_1", "hier", "Nous ne reconnaissons pas ce jour"),
        ("day_2", "1 9 2026", "La ligne 2 n’est pas complète"),
        ("received_on", "1 1 2190", "pas encore arrivé"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field(
    agent: Client, here: Practice, field: str, value: str, said: str
) -> None:
    form = here.paper_form(here.patient()) | {field: value}
    answer = agent.post(reverse("fund_paper_begin"), form)
    assert answer.status_code in (404, 422)
    assert said in html.unescape(words_of(answer))
    assert not PaperSheet.objects.exists()


def test_a_refusal_is_recorded_and_what_is_ended_is_not_typed_any_more(
    agent: Client, here: Practice
) -> None:
    paper = here.paper(here.patient(), 4500)
    page = reverse("fund_paper", args=[paper.public_id])
    assert agent.post(page, {"act": "decide"}).status_code == 409
    agent.post(page, {"act": "amounts", "amount_1": "45"})
    agent.post(page, {"act": "decide"})
    assert Claim.objects.get().decisions.get().accepted is False
    assert agent.post(page, {"act": "amounts", "amount_1": "45"}).status_code == 409
    again = reverse("fund_paper_again", args=[paper.public_id])
    form = here.paper_form(here.patient())
    assert agent.post(again, form).status_code == 409


def test_a_sheet_sent_here_leads_to_its_receipt(agent: Client, here: Practice) -> None:
    sheet = here.sheet(here.patient())
    here.claim(sheet)
    assert reverse("receipt", args=[sheet.public_id]) in told(
        agent, reverse("sheet", args=[sheet.public_id])
    )
    assert sheet.number in told(agent, reverse("receipt", args=[sheet.public_id]))


def test_papers_to_finish_are_listed(agent: Client, here: Practice) -> None:
    paper = here.paper(here.patient())
    text = told(agent, reverse("fund_papers"))
    assert paper.reference in text and "à finir" in text
