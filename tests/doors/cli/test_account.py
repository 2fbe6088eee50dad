"""Accounts are opened, closed and tied from the command line; nothing secret is printed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from tests import factories

from soutien.doors.cli.main import main
from soutien.doors.web.actors import actor_of
from soutien.registers.accounts.models import Account, MailLink, OpenSession, Role
from soutien.registers.audit.models import Entry
from soutien.registers.calendars.models import Feed
from soutien.registers.outbox.models import Letter
from soutien.registers.people.guardianships import Guardianship
from soutien.registers.psychologists.models import Replacement
from soutien.steps.actor import Actor
from soutien.steps.enrol import (
    add_account,
    change_role,
    close_account,
    list_accounts,
    reopen_account,
)
from soutien.steps.errors import Refusal
from soutien.steps.permissions import ROLES, Relation, relations
from soutien.steps.share import share_calendar

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)
FUND = ["--role", "fund_agent", "--fund", "019990069"]


@pytest.fixture(autouse=True)
def django_runs_already(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("soutien.doors.cli.framework.start", lambda: None)


def account(*words: str) -> int:
    return main(["account", *words])


@pytest.mark.parametrize(
    ("role", "option", "column"),
    [
        ("insurer_agent", "--insurer", "insurer_code"),
        ("town_editor", "--town", "town_code"),
    ],
)
def test_an_agent_works_for_one_insurer_or_one_town(
    client: Client, capsys: pytest.CaptureFixture[str], role: str, option: str, column: str
):
    assert account("add", "a@example.org", "--role", role) == 1
    assert account("add", "a@example.org", "--role", role, *FUND[2:]) == 1
    assert account("add", "a@example.org", "--role", role, option, "69123") == 0
    opened = Account.objects.get()
    assert getattr(opened, column) == "69123"
    assert account("list") == 0
    assert f"a@example.org\t{role}\topen\t69123" in capsys.readouterr().out
    client.force_login(opened)
    request = client.get("/securite").wsgi_request
    request.user = opened
    found = actor_of(request)
    assert getattr(found, column) == "69123"
    ties = relations(found, **{column: "69123"})
    others = relations(found, **{column: "69124"})
    mine = {"insurer_code": Relation.MY_MEMBERS, "town_code": Relation.MY_TOWN}[column]
    assert mine in ties and mine not in others


@pytest.mark.parametrize(
    "codes",
    [
        {"insurer_code": "69123", "town_code": "69123"},
        {"insurer_code": "69123", "fund_code": factories.FUND},
        {"town_code": "69123", "fund_code": factories.FUND},
    ],
)
def test_an_account_works_for_one_of_them_only(codes: dict[str, str]):
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.account("insurer_agent", **codes)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.account("insurer_agent", person=factories.person(at=NOW), insurer_code="69123")


def test_an_agent_is_invited_by_a_link_and_nothing_secret_is_printed(
    capsys: pytest.CaptureFixture[str],
):
    assert account("add", "Agent@example.org", *FUND) == 0
    opened = Account.objects.get()
    assert (opened.email, opened.role, opened.fund_code) == (
        *("agent@example.org", "fund_agent", "019990069"),
    )
    assert not opened.has_usable_password()
    link = MailLink.objects.get()
    assert (link.account_id, link.kind) == (opened.pk, "password")
    assert Letter.objects.filter(kind="accounts.link.asked").exists()
    said = capsys.readouterr().out
    assert "agent@example.org" in said
    assert str(link.public_id) not in said
    assert set(Entry.objects.values_list("event", flat=True)) >= {"accounts.account.added"}
    assert account("add", "other@example.org", "--silent", *FUND) == 0
    assert MailLink.objects.count() == 1


def test_an_account_has_what_its_role_needs_and_one_address(capsys: pytest.CaptureFixture[str]):
    owner = factories.psychologist()
    for words in (
        ["--role", "fund_agent"],
        ["--role", "administrator", "--fund", "019990069"],
        ["--role", "psychologist", "--fund", "019990069"],
        ["--role", "nurse"],
        ["--role", "anonymous"],
        ["--role", "psychologist", "--rpps", "1"],
    ):
        assert account("add", "somebody@example.org", *words) == 1
        assert capsys.readouterr().err
    assert not Account.objects.exists()
    assert account("add", "psy@example.org", "--role", "psychologist", "--rpps", owner.rpps) == 0
    assert account("add", "PSY@example.org", *FUND) == 1
    assert "already" in capsys.readouterr().err
    assert account("add", "boss@example.org", "--role", "administrator", "--silent") == 0


def test_a_closed_account_is_shut_everywhere(capsys: pytest.CaptureFixture[str]):
    who = factories.person(at=NOW)
    owner = factories.account(Role.PERSON, person=who)
    token = share_calendar(actor=Actor("person", person_id=who.pk), language="fr", at=NOW)
    browser = Client()
    browser.force_login(owner)
    assert browser.get("/mon-annee").status_code == 200
    assert account("close", owner.email) == 0
    assert browser.get("/mon-annee").status_code == 302
    assert browser.get(f"/calendriers/{token}.ics").status_code == 404
    assert not OpenSession.objects.filter(ended_at__isnull=True).exists()
    assert not Feed.objects.filter(revoked_at__isnull=True).exists()
    assert account("close", owner.email) == 0
    assert "already" in capsys.readouterr().out
    assert account("list") == 0
    assert f"{owner.email}\tperson\tclosed" in capsys.readouterr().out
    assert account("reopen", owner.email) == 0
    again = Client()
    again.force_login(Account.objects.get(pk=owner.pk))
    assert again.get("/mon-annee").status_code == 200
    assert browser.get("/mon-annee").status_code == 302
    assert account("close", "nobody@example.org") == 1


def test_another_role_ends_what_the_former_one_opened():
    owner = factories.account(Role.FUND_AGENT, fund_code="019990069")
    browser = Client()
    browser.force_login(owner)
    assert browser.get("/caisse").status_code == 200
    assert account("role", owner.email, "--role", "analyst") == 0
    assert browser.get("/caisse").status_code == 302
    owner.refresh_from_db()
    assert (owner.role, owner.fund_code) == ("analyst", "")
    assert account("role", owner.email, "--role", "fund_supervisor") == 1
    who = factories.person(at=NOW)
    former = factories.account(Role.PERSON, person=who)
    share_calendar(actor=Actor("person", person_id=who.pk), language="fr", at=NOW)
    assert account("role", former.email, "--role", "analyst") == 0
    assert not Feed.objects.filter(revoked_at__isnull=True).exists()


def test_a_parent_is_tied_to_a_child_and_freed_by_a_decision(
    capsys: pytest.CaptureFixture[str],
):
    parent = factories.account(Role.PERSON, person=factories.person(at=NOW))
    born = (NOW - timedelta(days=10 * 365)).date().isoformat()
    child = factories.person(at=NOW, birth_date=born)
    pair = [parent.email, str(child.public_id)]
    assert account("ward", *pair, "--proof", "livret de famille") == 0
    browser = Client()
    browser.force_login(parent)
    assert browser.post("/agir-pour", {"whom": str(child.public_id)}).status_code == 302
    assert "Vous agissez pour" in browser.get("/mon-annee").content.decode()
    assert account("ward", *pair, "--proof", "encore") == 1
    assert account("unward", *pair, "--proof", "jugement du 2 juin") == 0
    assert Guardianship.objects.get().ended_for == "judgment"
    assert "Vous agissez pour" not in browser.get("/mon-annee").content.decode()
    assert account("unward", *pair, "--proof", "encore") == 1
    assert account("ward", "nobody@example.org", pair[1], "--proof", "x") == 1
    assert account("ward", *pair, "--proof", "x", "--kind", "friend") == 1
    assert "livret" not in capsys.readouterr().out


def test_a_psychologist_stands_in_for_another():
    away, by = factories.psychologist(), factories.psychologist()
    days = ["--first", "2026-12-01", "--last", "2026-12-14"]
    assert account("replace", away.rpps, by.rpps, *days) == 0
    assert Replacement.objects.get().valid_before.isoformat() == "2026-12-15"
    assert account("replace", away.rpps, by.rpps, *days) == 1
    assert account("replace", away.rpps, "0", *days) == 1


@pytest.mark.parametrize("role", ROLES)
def test_nobody_but_the_operator_administers_accounts(role: str):
    actor = Actor(role, account_id=1)
    told = {"actor": actor, "at": NOW}
    for step in (
        lambda: add_account(email="a@example.org", role="analyst", **told),
        lambda: close_account(email="a@example.org", **told),
        lambda: reopen_account(email="a@example.org", **told),
        lambda: change_role(email="a@example.org", role="analyst", **told),
        lambda: list_accounts(**told),
    ):
        with pytest.raises(Refusal) as refusal:
            step()
        assert refusal.value.code == "not_allowed"
    assert not Account.objects.exists()
