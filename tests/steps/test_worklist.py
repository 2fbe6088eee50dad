"""What waits for the fund: the right claims, the oldest first, each until it is dealt with."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests import factories as make
from tests.steps.refusals import refused

from soutien.registers.accounts.models import Role
from soutien.registers.audit.models import Entry, Named
from soutien.registers.claims import worklist
from soutien.registers.claims.models import Claim
from soutien.rules.life import State
from soutien.steps.actor import Actor
from soutien.steps.worklist import WorkView, list_work, next_work

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)
NOW = make.noon(date(2026, 3, 20)) + timedelta(hours=1)
OTHER_FUND = "019980000"


def agent(fund_code: str = make.FUND) -> Actor:
    account = make.account(Role.FUND_AGENT, fund_code=fund_code)
    return Actor("fund_agent", account_id=account.pk, fund_code=fund_code)


def a_claim(on: date = DAY, *, accepted: bool = True, to_confirm: bool = False) -> Claim:
    place = make.place(make.psychologist())
    session = make.care_session(make.person(at=NOW), place, held_on=on)
    claim = make.claim(make.care_sheet(session), received_on=on)
    make.decision(claim, accepted=accepted, to_confirm=to_confirm)
    return claim


def listed(who: Actor, state: State, *, days: int = 0, page: int = 1) -> WorkView:
    since = NOW - timedelta(hours=12)
    return list_work(actor=who, state=state, page=page, days=days, since=since, at=NOW)


def names(view: WorkView) -> list[str]:
    return [line.reference for line in view.lines]


def test_refusals_wait_the_oldest_first_and_not_for_who_has_read_them() -> None:
    later, sooner = (
        a_claim(DAY + timedelta(days=number), accepted=False, to_confirm=True) for number in (5, 0)
    )
    a_claim()
    one, two = agent(), agent()
    view = listed(one, State.TO_CONFIRM)
    assert names(view) == [sooner.reference, later.reference]
    assert [line.days for line in view.lines] == [18, 13]
    make.review(sooner.decisions.get(), account_id=one.account_id)
    assert names(listed(one, State.TO_CONFIRM)) == [later.reference]
    assert names(listed(two, State.TO_CONFIRM)) == [sooner.reference, later.reference]
    make.decision(sooner, accepted=False, sequence=2)
    assert names(listed(two, State.TO_CONFIRM)) == [later.reference], "it was decided since"


def test_a_contest_waits_until_it_is_answered_or_decided_again() -> None:
    answered, decided, open_one = a_claim(), a_claim(), a_claim()
    for claim in (answered, decided, open_one):
        make.event(claim, "contested", payer="", cents=0, reference="C1")
    after = NOW - timedelta(days=1)
    make.event(answered, "contest_answered", payer="", cents=0, reference="C1", happened_at=after)
    make.decision(decided, sequence=2, decided_at=after, cause="contest_accepted")
    view = listed(agent(), State.CONTESTED)
    assert names(view) == [open_one.reference]
    assert [queue.total for queue in view.queues] == [0, 1, 0]


def test_a_transfer_that_came_back_waits_until_it_is_ordered_anew_and_once() -> None:
    twice, again = a_claim(), a_claim()
    for claim in (twice, again):
        for number, mark in enumerate(("ordered", "returned", "ordered", "returned")):
            happened = NOW - timedelta(days=9 - number)
            make.event(claim, mark, reference=f"{mark}{number}", happened_at=happened)
    make.event(again, "ordered", reference="last", happened_at=NOW - timedelta(days=1))
    view = listed(agent(), State.RETURNED)
    assert names(view) == [twice.reference]
    assert view.lines[0].days == 6, "since it came back for the last time"


def test_ages_narrow_the_list_and_its_numbers() -> None:
    a_claim(DAY, accepted=False, to_confirm=True)
    a_claim(date(2026, 3, 18), accepted=False, to_confirm=True)
    assert len(listed(agent(), State.TO_CONFIRM).lines) == 2
    view = listed(agent(), State.TO_CONFIRM, days=7)
    assert [line.days for line in view.lines] == [18]
    assert view.queues[0].total == 1 and view.queues[0].oldest == make.noon(DAY)


def test_the_next_is_the_oldest_or_the_one_after_what_is_passed_over() -> None:
    found = [
        a_claim(DAY + timedelta(days=number), accepted=False, to_confirm=True)
        for number in range(3)
    ]
    who = agent()

    def following(after: Claim | None) -> object:
        public_id = after and after.public_id
        return next_work(actor=who, state=State.TO_CONFIRM, at=NOW, after=public_id)

    assert following(None) == found[0].public_id
    assert following(found[0]) == found[1].public_id
    assert following(found[2]) is None
    assert following(a_claim()) == found[0].public_id, "one that does not wait: from the start"


def test_the_figures_of_the_day_are_those_of_the_fund() -> None:
    a_claim(NOW.date())
    a_claim(NOW.date(), accepted=False)
    a_claim(DAY)
    day = listed(agent(), State.TO_CONFIRM).day
    assert (day.received, day.accepted, day.refused) == (2, 1, 1)
    assert tuple(listed(agent(OTHER_FUND), State.TO_CONFIRM).day) == (0, 0, 0)


def test_another_fund_sees_nothing_and_every_look_names_whom_it_saw() -> None:
    claim = a_claim(accepted=False, to_confirm=True)
    assert not listed(agent(OTHER_FUND), State.TO_CONFIRM).lines
    assert next_work(actor=agent(OTHER_FUND), state=State.TO_CONFIRM, at=NOW) is None
    listed(agent(), State.TO_CONFIRM)
    entry = Entry.objects.filter(event="claims.work.listed").latest("id")
    assert Named.objects.filter(entry=entry, person_id=claim.person_id).exists()
    with refused("not_allowed"):
        listed(Actor("person", person_id=claim.person_id), State.TO_CONFIRM)
    with refused("not_found"):
        listed(agent(), State.PAID)


def test_a_queue_that_is_very_long_is_not_counted_to_its_end(monkeypatch):
    for number in range(4):
        a_claim(DAY + timedelta(days=number), accepted=False, to_confirm=True)
    monkeypatch.setattr(worklist, "COUNTED_MOST", 2)
    view = listed(agent(), State.TO_CONFIRM)
    [queue] = [queue for queue in view.queues if queue.state is State.TO_CONFIRM]
    assert (queue.total, queue.more, queue.oldest) == (2, True, make.noon(DAY))
    assert len(view.lines) == 4 and view.pages == 1
    assert listed(agent(), State.TO_CONFIRM, page=2).lines == (), "nothing is asked behind"
