"""Choosing for whom one acts: one's own list only, forgotten when it does not hold any more."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from tests import factories as make

from soutien.doors.web.actors import ACTING_FOR
from soutien.registers.accounts.models import Account, Role
from soutien.registers.audit.models import Entry
from soutien.registers.people.guardianships import Guardianship
from soutien.registers.people.models import Person

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def lea() -> Person:
    now = timezone.now()
    return make.person(at=now, given_name="Léa", birth_date=f"{now.year - 9}-01-02")


@pytest.fixture
def parent(lea: Person) -> Account:
    who = make.person(at=timezone.now(), given_name="Nadia")
    make.guardianship(who, lea, valid_from=timezone.localdate() - DAY)
    return make.account(Role.PERSON, person=who)


def entered(account: Account) -> Client:
    browser = Client()
    browser.force_login(account)
    return browser


def text_of(browser: Client, path: str = "/mon-annee") -> str:
    return browser.get(path).content.decode()


def test_the_choice_holds_until_it_is_changed(parent: Account, lea: Person):
    browser = entered(parent)
    assert "Léa" in text_of(browser, "/agir-pour")
    assert browser.post("/agir-pour", {"whom": str(lea.public_id)})["Location"] == "/mon-annee"
    assert "Vous agissez pour Léa" in text_of(browser)
    assert "Vous agissez pour Léa" in text_of(browser, "/")
    # What is the parent's own is not there meanwhile.
    assert browser.get("/mon-annee/calendrier").status_code == 404
    browser.post("/agir-pour", {"whom": "me"})
    assert "Vous agissez" not in text_of(browser)
    opened = Entry.objects.filter(event="care.year.opened").values_list("actor_role", flat=True)
    assert set(opened) == {"guardian", "person"}


def test_only_ones_own_children_can_be_chosen(parent: Account, lea: Person):
    stranger = entered(make.account(Role.PERSON, person=make.person(at=timezone.now())))
    assert "Léa" not in text_of(stranger, "/agir-pour")
    for browser, whom in (
        (stranger, str(lea.public_id)),
        (entered(parent), str(uuid4())),
        (entered(parent), "nobody"),
        (entered(parent), ""),
    ):
        assert browser.post("/agir-pour", {"whom": whom}).status_code == 404
        assert ACTING_FOR not in browser.session


def test_a_forged_choice_opens_nothing(lea: Person):
    browser = entered(make.account(Role.PERSON, person=make.person(at=timezone.now())))
    session = browser.session
    session[ACTING_FOR] = str(lea.public_id)
    session.save()
    assert "Léa" not in text_of(browser)
    assert ACTING_FOR not in browser.session


def test_a_right_that_ended_is_forgotten_at_the_next_page(parent: Account, lea: Person):
    browser = entered(parent)
    browser.post("/agir-pour", {"whom": str(lea.public_id)})
    Guardianship.objects.update(valid_before=timezone.localdate(), ended_for="judgment")
    assert "Léa" not in text_of(browser)
    assert ACTING_FOR not in browser.session


def test_an_account_that_only_acts_for_others_chooses_first(lea: Person):
    tutor = make.person(at=timezone.now())
    make.guardianship(tutor, lea, valid_from=timezone.localdate(), kind="tutor")
    browser = entered(make.account(Role.GUARDIAN, person=tutor))
    assert browser.get("/mon-annee")["Location"] == "/agir-pour"
    assert "Pour moi" not in text_of(browser, "/agir-pour")
    browser.post("/agir-pour", {"whom": str(lea.public_id)})
    assert "Vous agissez pour Léa" in text_of(browser)


def test_a_visitor_and_a_stranger_act_for_nobody_else():
    assert Client().get("/agir-pour").status_code == 302
    who = make.person(at=timezone.now())
    visitor = Client()
    session = visitor.session
    session["visitor_person"] = who.pk
    session.save()
    assert visitor.get("/agir-pour").status_code == 404
    for role in (Role.FUND_AGENT, Role.ADMINISTRATOR, Role.ANALYST):
        assert entered(make.account(role)).get("/agir-pour").status_code == 404


def test_a_colleague_stands_in_and_finds_their_own_practice_again():
    today = timezone.localdate()
    since = today - 400 * DAY
    away, here = (make.psychologist(under_agreement_from=since) for _one in range(2))
    for one in (away, here):
        make.place(one)
    tie = make.replacement(away, here, valid_from=today, valid_before=today + 7 * DAY)
    browser = entered(make.account(Role.PSYCHOLOGIST, psychologist=here))
    assert browser.get("/cabinet/semaine").status_code == 200
    assert browser.post("/agir-pour", {"whom": str(away.public_id)})["Location"] == "/cabinet"
    assert f"Vous remplacez {away.given_name} {away.family_name}" in text_of(browser, "/cabinet")
    for path in ("/cabinet/semaine", "/cabinet/absences", "/cabinet/calendriers"):
        assert browser.get(path).status_code == 404
    tie.valid_before = today
    tie.save()
    assert "Vous remplacez" not in text_of(browser, "/cabinet")
    assert browser.get("/cabinet/semaine").status_code == 200


def test_whoever_only_replaces_starts_where_they_are_needed():
    today = timezone.localdate()
    since = today - 400 * DAY
    away, other, by = (make.psychologist(under_agreement_from=since) for _one in range(3))
    for one in (away, other):
        make.place(one)
    browser = entered(make.account(Role.REPLACEMENT, psychologist=by))
    assert browser.get("/cabinet")["Location"] == "/agir-pour"
    assert "Vous ne remplacez personne" in text_of(browser, "/agir-pour")
    make.replacement(away, by, valid_from=today, valid_before=today + DAY)
    assert "Vous remplacez" in text_of(browser, "/cabinet")
    make.replacement(other, by, valid_from=today, valid_before=today + DAY)
    assert browser.get("/cabinet")["Location"] == "/agir-pour"
    browser.post("/agir-pour", {"whom": str(other.public_id)})
    assert other.family_name in text_of(browser, "/cabinet")
