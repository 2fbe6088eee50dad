"""What deserves a second look, on its page and beside one claim."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests import factories as make
from tests.doors.web.psychologist.practice import Practice, practice, words_of

from soutien.registers.claims.models import Claim

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Practice:
    return practice(timezone.now().replace(microsecond=0))


@pytest.fixture
def agent(client: Client, here: Practice) -> Client:
    client.force_login(here.agent)
    return client


def two_of_a_day(here: Practice) -> list[Claim]:
    """Two accepted sessions of somebody on one day, received an hour ago."""
    who, found = here.patient(), []
    for _number in range(2):
        session = make.care_session(who, here.place, held_on=here.today - timedelta(days=3))
        claim = make.claim(
            make.care_sheet(session),
            received_on=here.today,
            received_at=here.now - timedelta(hours=1),
        )
        make.decision(claim, sessions_left=3)
        found.append(claim)
    return found


def told(client: Client, path: str) -> str:
    return html.unescape(words_of(client.get(path)))


def test_what_is_seen_is_listed_with_what_often_explains_it(agent: Client, here: Practice) -> None:
    one, two = two_of_a_day(here)
    text = told(agent, reverse("fund_anomalies"))
    assert one.reference in text and two.reference in text
    assert "1 autre séance acceptée ce jour-là" in text
    assert "un jour mal recopié" in text and "personne n’est soupçonné" in text
    assert "fraude" not in text.lower()
    assert one.reference in told(agent, f"{reverse('fund_anomalies')}?quoi=same_day&jours=31")
    assert one.reference not in told(agent, f"{reverse('fund_anomalies')}?quoi=price")


@pytest.mark.parametrize("query", ["", "?jours=9&quoi=x&page=-1", "?page=99999999999", "?quoi=0"])
def test_a_period_with_nothing_says_so_whatever_is_asked(agent: Client, query: str) -> None:
    assert "Rien à vérifier" in told(agent, reverse("fund_anomalies") + query)


def test_a_claim_shows_what_is_seen_and_leads_to_the_other(agent: Client, here: Practice) -> None:
    one, two = two_of_a_day(here)
    text = told(agent, reverse("fund_claim", args=[one.public_id]))
    assert "À vérifier" in text and "Même jour" in text
    assert reverse("fund_claim", args=[two.public_id]) in text
