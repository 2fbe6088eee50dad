"""The fund's second look: what stands out, explained, of its own claims, in few questions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests import factories as make
from tests.steps.refusals import refused

from soutien.registers.accounts.models import Role
from soutien.registers.audit.models import Named
from soutien.registers.claims.models import Claim
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import PracticePlace
from soutien.rules.anomalies import Anomaly
from soutien.rules.codes import words
from soutien.steps.actor import Actor
from soutien.steps.notice import NoticedView, list_anomalies, open_anomalies

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 3)
ONE_DAY = timedelta(days=1)
NOW = make.noon(date(2026, 3, 20))
OTHER_FUND = "019980000"


def agent(fund_code: str = make.FUND) -> Actor:
    account = make.account(Role.FUND_AGENT, fund_code=fund_code)
    return Actor("fund_agent", account_id=account.pk, fund_code=fund_code)


def a_claim(
    who: Person,
    where: PracticePlace,
    held_on: date = DAY,
    *,
    accepted: bool = True,
    to_confirm: bool = False,
    **fields: object,
) -> Claim:
    session = make.care_session(who, where, held_on=held_on, **fields)
    claim = make.claim(make.care_sheet(session), received_on=held_on + ONE_DAY)
    make.decision(claim, accepted=accepted, to_confirm=to_confirm, sessions_left=3)
    return claim


def somebody() -> Person:
    return make.person(at=NOW)


def listed(who: Actor | None = None, kind: Anomaly = Anomaly.NONE, page: int = 1) -> NoticedView:
    return list_anomalies(
        actor=who or agent(),
        since=make.noon(date(2026, 1, 1)),
        before=NOW,
        at=NOW,
        kind=kind,
        page=page,
    )


def seen(view: NoticedView) -> dict[str, set[str]]:
    return {line.reference: set(words(line.noticed.found)) for line in view.lines}


def test_ordinary_claims_are_not_listed_and_what_waits_for_people_is_not_read():
    where, who = make.place(make.psychologist()), somebody()
    a_claim(who, where)
    a_claim(who, where, DAY + ONE_DAY)
    a_claim(somebody(), where, accepted=False, to_confirm=True, price_cents=1)
    view = listed()
    assert (view.lines, view.read, view.pages) == ((), 2, 1)


def test_two_accepted_sessions_of_a_day_are_seen_on_both_and_a_refused_one_on_none():
    one, two, who = make.place(make.psychologist()), make.place(make.psychologist()), somebody()
    first, second = a_claim(who, one), a_claim(who, two)
    a_claim(who, make.place(make.psychologist()), accepted=False)
    assert seen(listed()) == {
        first.reference: {"same_day"},
        second.reference: {"same_day"},
    }


def test_the_same_session_twice_is_seen_until_one_is_taken_back():
    where, who = make.place(make.psychologist()), somebody()
    first, second = a_claim(who, where), a_claim(who, where, accepted=False)
    assert seen(listed()) == {first.reference: {"twin"}, second.reference: {"twin"}}
    make.decision(second, accepted=False, sequence=2, cause="cancelled", reasons=0, coverage=0)
    assert seen(listed()) == {}


def test_more_than_the_year_allows_is_seen_on_the_year_alone():
    where, who = make.place(make.psychologist()), somebody()
    for week in range(13):
        a_claim(who, where, date(2025, 12, 31) - week * 7 * ONE_DAY)
    a_claim(who, where)
    view = list_anomalies(actor=agent(), since=make.noon(date(2025, 1, 1)), before=NOW, at=NOW)
    assert view.counts == {"beyond_cap": 13}


def test_a_day_that_cannot_be_and_a_share_that_is_high_are_of_the_psychologist():
    where = make.place(make.psychologist())
    for number in range(20):
        remote = "remote" if number < 5 else "in_person"
        a_claim(somebody(), where, modality=remote)
    view = listed()
    assert view.counts == {"full_day": 20, "remote_share": 5}
    only = listed(kind=Anomaly.REMOTE_SHARE)
    assert len(only.lines) == 5 and only.counts == view.counts


def test_sundays_holidays_and_prices_are_told():
    where, who = make.place(make.psychologist()), somebody()
    sunday = a_claim(who, where, date(2026, 3, 1))
    holiday = a_claim(who, where, date(2026, 1, 1))
    price = a_claim(who, where, accepted=False, price_cents=4000)
    view = list_anomalies(actor=agent(), since=make.noon(date(2025, 12, 1)), before=NOW, at=NOW)
    assert seen(view) == {
        sunday.reference: {"closed_day"},
        holiday.reference: {"closed_day"},
        price.reference: {"price"},
    }


def test_another_fund_sees_none_of_it_and_opens_none():
    where, who = make.place(make.psychologist()), somebody()
    claim = a_claim(who, where, price_cents=1)
    assert listed(agent(OTHER_FUND)).read == 0
    with refused("not_allowed"):
        open_anomalies(actor=agent(OTHER_FUND), claim_public_id=claim.public_id, lang="fr", at=NOW)


def test_one_claim_is_told_in_words_with_the_other_claims_of_its_day():
    where, who = make.place(make.psychologist()), somebody()
    claim, other = a_claim(who, where), a_claim(who, make.place(make.psychologist()))
    look = open_anomalies(actor=agent(), claim_public_id=claim.public_id, lang="fr", at=NOW)
    assert [one.code for one in look.told] == ["same_day"]
    assert look.others == ((other.public_id, other.reference),)


def test_a_list_names_its_people_and_costs_the_same_for_many(django_assert_max_num_queries):
    where = make.place(make.psychologist())
    people = [somebody() for _number in range(60)]
    for number, who in enumerate(people):
        a_claim(who, where, DAY - (number % 12) * ONE_DAY, price_cents=1)
    clerk = agent()
    with django_assert_max_num_queries(12):
        view = listed(clerk, page=2)
    assert (len(view.lines), view.pages) == (10, 2)
    assert Named.objects.count() == 10
