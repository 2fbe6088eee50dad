"""« Qui a vu mes données » in a real browser: by day, in plain words, for anybody to read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from tests import factories as make
from tests.doors.web.person.practice import person_with_account, practice
from tests.signing_in import sign_in

from soutien.registers.accounts.models import Account, Role
from soutien.registers.audit import queries as audit
from soutien.registers.audit.queries import Line

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RAW = re.compile(r"[a-z]+\.[a-z_]+\.[a-z_]+|fund_agent|psychologist\b|refused")


@pytest.fixture
def now() -> Iterator[datetime]:
    friday = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    with time_machine.travel(friday):
        yield friday


@pytest.fixture
def seen(now: datetime) -> Account:
    """Somebody whose psychologist and fund looked, and whom others were refused."""
    room = practice()
    who, account = person_with_account(now)
    psychologist = make.account(Role.PSYCHOLOGIST, psychologist=room.psychologist)
    agent = make.account(Role.FUND_AGENT, fund_code=make.FUND)
    other = make.account(Role.PERSON, person=make.person(at=now))

    def line(hours: float, role: Account, event: str, **more: object) -> Line:
        values = {
            "at": now - timedelta(hours=hours),
            "actor_role": role.role,
            "actor_account": role.pk,
            "event": event,
            "object_kind": event.rsplit(".", 1)[0],
            "object_id": "1",
            "person_id": who.pk,
        }
        return Line(**(values | more))  # type: ignore[arg-type]

    audit.append(
        [
            *[line(90 + number, agent, "claims.claim.opened") for number in range(60)],
            line(52, other, "claims.claim.opened", result="refused", reason="not_allowed"),
            line(50, account, "care.year.opened"),
            line(49, agent, "claims.claim.opened"),
            line(48.5, agent, "claims.claim.opened"),
            line(27, psychologist, "agenda.day.opened", person_id=None, people=(who.pk, 999)),
            line(26, psychologist, "care.session.held"),
            line(2, psychologist, "care.line.opened"),
        ]
    )
    return account


def test_who_looked_is_read_by_day_in_plain_words(
    seen: Account, open_page: Callable[..., Page]
) -> None:
    page = open_page(width=390)
    sign_in(page, seen)
    page.goto("/mon-annee")
    page.get_by_role("link", name="Qui a vu mes données").click()
    text = page.locator("main").inner_text()
    assert page.get_by_role("heading", name="vendredi 20 novembre 2026").is_visible()
    assert "Votre psychologue, Ada Modèle" in text
    assert "Un agent de votre caisse" in text
    assert "Lecture d’une demande de remboursement (2 fois)." in text
    assert "avec d’autres personnes." in text
    assert "Une autre personne" in text
    assert "refusé, rien n’a été montré ni changé." in text
    assert "Lecture de votre année" not in text, "one's own looks stand apart"
    assert not RAW.search(text)
    page.get_by_role("link", name="Vous", exact=True).click()
    assert "Lecture de votre année." in page.locator("main").inner_text()


def test_it_is_read_page_by_page_and_narrowed(seen: Account, scriptless_page: Page) -> None:
    page = scriptless_page
    sign_in(page, seen)
    page.goto("/mes-donnees/acces")
    page.get_by_role("link", name="Page suivante").click()
    assert "Page 2 sur 2" in page.locator("main").inner_text()
    page.goto("/mes-donnees/acces?qui=refused")
    assert page.locator(".timeline > li").count() == 1
    page.goto("/mes-donnees/acces?qui=system")
    assert "Aucune ligne ici pour le moment." in page.locator("main").inner_text()
    page.goto("/en/mes-donnees/acces")
    text = page.locator("main").inner_text()
    assert "Your psychologist, Ada Modèle" in text
    assert "An agent of your health insurance fund" in text


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_anybody_can_read_it(
    seen: Account,
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    width: int,
    dark: bool,
) -> None:
    page = open_page(width=width, dark=dark)
    sign_in(page, seen)
    page.goto("/mes-donnees/acces")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
