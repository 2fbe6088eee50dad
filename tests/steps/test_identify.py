"""What an identity elsewhere opens: exactly one account that is certainly theirs, or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests import factories as make
from tests.steps import scene
from tests.steps.refusals import refused

from soutien.registers.accounts import queries as accounts
from soutien.registers.accounts.models import Account, Role
from soutien.registers.audit.models import Entry
from soutien.registers.identities import queries as identities
from soutien.registers.identities.models import CertifiedTraits, ExternalIdentity, Held
from soutien.registers.people.models import Person
from soutien.rules.traits import Traits
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.identify import (
    ask_provider,
    open_account_with_identity,
    refuse_answer,
    sign_in_with_identity,
    take_answer,
)
from soutien.steps.identify_times import ANSWER_WITHIN, DECIDE_WITHIN
from soutien.steps.link import (
    hold_identity,
    link_identity,
    open_held_identity,
    open_identities,
    unlink_identity,
)
from soutien.steps.presented import NOWHERE, Presented

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 3)
AT = datetime(2026, 11, 3, 9, tzinfo=UTC)
ISSUER = "https://identity.example.org"
KEY, BROWSER = "a key nobody guesses", "this browser"
TRAITS = Traits("EXEMPLE", ("Camille", "Jeanne"), "1990-05-17", sex="female", birth_place="00004")
CITIZEN = Presented(
    "person", "citizens", ISSUER, "sub-camille", traits=TRAITS, email="elsewhere@example.org"
)
CARD = Presented(
    "psychologist", "health", "https://health.example.org", "sub-card", is_psychologist=True
)
DESK = Presented(
    "agent",
    "agents",
    "https://agents.example.org",
    "sub-desk",
    email="Agent@Caisse.example.org",
    organisation="fund:019990069",
)


def camille(**fields: Any) -> Person:
    values = {"given_name": "Camille", "family_name": "Exemple", "nir": make.made_up_nir(4321)}
    return make.person(at=AT, **(values | fields))


def account_of(person: Person, **fields: Any) -> Account:
    values = {"email": f"{person.pk}@example.org", "password": "a long password"} | fields
    return Account.objects.create_user(role=Role.PERSON, person=person, **values)


def actor_for(account: Account) -> Actor:
    return Actor(
        str(account.role),
        account_id=account.pk,
        person_id=account.person_id,
        psychologist_id=account.psychologist_id,
        fund_code=account.fund_code,
    )


def sign_in(presented: Presented, at: datetime = AT) -> int:
    return sign_in_with_identity(actor=ANONYMOUS, presented=presented, on=ON, at=at)


def hold(presented: Presented, actor: Actor = ANONYMOUS) -> dict[str, str]:
    hold_identity(actor=actor, presented=presented, key=KEY, browser=BROWSER, at=AT)
    return {"key": KEY, "browser": BROWSER}


def test_a_person_with_exactly_these_traits_is_linked_and_signed_in() -> None:
    owner = account_of(camille())
    assert sign_in(CITIZEN) == owner.pk
    linked = ExternalIdentity.objects.get()
    assert (linked.account_id, linked.linked_how) == (owner.pk, "exact")
    certified = identities.traits_of_person(owner.person_id)
    assert certified is not None and certified.given_names == ["Camille", "Jeanne"]
    # The next time the link is enough.
    assert sign_in(CITIZEN) == owner.pk
    assert ExternalIdentity.objects.count() == 1
    lines = Entry.objects.filter(event="identities.sign_in.opened")
    assert [(line.actor_account, line.person_id) for line in lines] == [
        (owner.pk, owner.person_id)
    ] * 2


def test_somebody_who_booked_without_an_account_gets_one() -> None:
    person = camille()
    opened = Account.objects.get(pk=sign_in(CITIZEN))
    assert opened.person_id == person.pk
    assert opened.email.endswith(NOWHERE)
    assert not opened.has_usable_password()


@pytest.mark.parametrize(
    "traits",
    [
        TRAITS._replace(family_name="EXEMPLES"),
        TRAITS._replace(given_names=("Jeanne", "Camille")),
        TRAITS._replace(birth_date="1990-05-18"),
        TRAITS._replace(sex="male"),
        TRAITS._replace(sex=""),
        TRAITS._replace(birth_place="69123"),
    ],
)
def test_one_trait_otherwise_is_never_guessed(traits: Traits) -> None:
    account_of(camille())
    with refused("identity_not_known"):
        sign_in(replace(CITIZEN, traits=traits))
    assert not ExternalIdentity.objects.exists()


def test_a_person_whose_nir_is_not_known_is_never_guessed() -> None:
    account_of(camille(nir=""))
    with refused("identity_not_known"):
        sign_in(CITIZEN)


def test_two_people_alike_are_never_guessed() -> None:
    account_of(camille())
    # Twins with one given name in common: everything but the order number of the NIR is the same.
    account_of(camille(nir=make.made_up_nir(4322)))
    with refused("identity_not_known"):
        sign_in(CITIZEN)


def test_a_closed_account_stays_closed() -> None:
    account_of(camille(), is_active=False)
    with refused("identity_account_closed"):
        sign_in(CITIZEN)
    assert not ExternalIdentity.objects.exists()


def test_an_account_that_is_closed_later_does_not_open_either() -> None:
    owner = account_of(camille())
    sign_in(CITIZEN)
    Account.objects.filter(pk=owner.pk).update(is_active=False)
    with refused("identity_account_closed"):
        sign_in(CITIZEN)


def test_another_subject_with_the_same_traits_does_not_take_the_account() -> None:
    account_of(camille())
    sign_in(CITIZEN)
    with refused("identity_already_linked"):
        sign_in(replace(CITIZEN, subject="sub-other"))


def test_a_subject_given_to_somebody_born_another_day_opens_nothing_any_more() -> None:
    account_of(camille())
    sign_in(CITIZEN)
    with refused("identity_of_somebody_else"):
        sign_in(replace(CITIZEN, traits=TRAITS._replace(birth_date="1991-05-17")))


def test_what_the_provider_says_today_replaces_what_it_said() -> None:
    owner = account_of(camille())
    sign_in(CITIZEN)
    longer = TRAITS._replace(given_names=("Camille", "Jeanne", "Lou"))
    sign_in(replace(CITIZEN, traits=longer))
    certified = CertifiedTraits.objects.get()
    assert (certified.person_id, certified.given_names) == (owner.person_id, list(longer[1]))


def test_an_identity_without_a_whole_day_of_birth_opens_nothing() -> None:
    for traits in (None, TRAITS._replace(birth_date="1990-05"), TRAITS._replace(given_names=())):
        with refused("identity_incomplete"):
            sign_in(replace(CITIZEN, traits=traits))


def test_a_new_person_opens_an_account_with_the_identity() -> None:
    with refused("identity_not_known"):
        sign_in(CITIZEN)
    held = hold(CITIZEN)
    opened = open_account_with_identity(actor=ANONYMOUS, **held, at=AT)
    account = Account.objects.get(pk=opened)
    person = Person.objects.get(pk=account.person_id)
    assert (person.given_name, person.family_name) == ("Camille", "EXEMPLE")
    assert person.email == "elsewhere@example.org"
    # The address a provider tells is not a key to the account: it was not checked here.
    assert account.email.endswith(NOWHERE)
    assert sign_in(CITIZEN) == opened
    with refused("identity_answer_old"):
        open_account_with_identity(actor=ANONYMOUS, **held, at=AT)


def test_what_is_held_opens_for_its_browser_only_and_not_for_long() -> None:
    hold(CITIZEN)
    assert open_held_identity(actor=ANONYMOUS, key=KEY, browser=BROWSER, at=AT) == CITIZEN
    for wrong in (
        {"browser": "another", "at": AT},
        {"browser": BROWSER, "at": AT + DECIDE_WITHIN},
    ):
        with refused("identity_answer_old"):
            open_account_with_identity(actor=ANONYMOUS, key=KEY, **wrong)
    assert not Person.objects.exists()


def test_only_people_open_an_account_this_way() -> None:
    for presented in (replace(CARD, rpps=make.made_up_rpps(1)), DESK):
        Held.objects.all().delete()
        with refused("identity_not_known"):
            open_account_with_identity(actor=ANONYMOUS, **hold(presented), at=AT)
    assert not Account.objects.exists()


def test_a_psychologist_is_found_by_number_and_profession() -> None:
    partner = make.psychologist(under_agreement_from=date(2022, 4, 5))
    owner = Account.objects.create_user(
        "psy@example.org", "secret", role=Role.PSYCHOLOGIST, psychologist=partner
    )
    card = replace(CARD, rpps=partner.rpps)
    assert sign_in(card) == owner.pk
    assert ExternalIdentity.objects.get().linked_how == "rpps"
    with refused("identity_not_psychologist"):
        sign_in(replace(card, is_psychologist=False))
    with refused("identity_of_somebody_else"):
        sign_in(replace(card, rpps=make.made_up_rpps(77)))


def test_a_partner_without_an_account_gets_one_a_former_partner_does_not() -> None:
    partner = make.psychologist(under_agreement_from=date(2022, 4, 5))
    opened = Account.objects.get(pk=sign_in(replace(CARD, rpps=partner.rpps)))
    assert (opened.role, opened.psychologist_id) == (Role.PSYCHOLOGIST, partner.pk)
    former = make.psychologist()
    make.agreement(former, valid_from=date(2022, 4, 5), valid_before=ON)
    for rpps in (former.rpps, make.made_up_rpps(555)):
        with refused("identity_not_partner"):
            sign_in(replace(CARD, subject="sub-former", rpps=rpps))


@pytest.mark.parametrize("wrong", [{"is_psychologist": False}, {"rpps": ""}])
def test_another_profession_or_no_number_opens_nothing(wrong: dict[str, Any]) -> None:
    partner = make.psychologist(under_agreement_from=date(2022, 4, 5))
    with refused("identity_not_psychologist"):
        sign_in(replace(CARD, **({"rpps": partner.rpps} | wrong)))
    assert not Account.objects.exists()


def agent(**fields: Any) -> Account:
    values = {"role": Role.FUND_AGENT, "fund_code": "019990069"} | fields
    return Account.objects.create_user("agent@caisse.example.org", "secret", **values)


@pytest.mark.parametrize(
    ("role", "code", "kind"),
    [(Role.INSURER_AGENT, "insurer_code", "insurer"), (Role.TOWN_EDITOR, "town_code", "town")],
)
def test_an_agent_of_an_insurer_or_a_town_enters_for_that_one_alone(
    role: Role, code: str, kind: str
) -> None:
    owner = agent(role=role, fund_code="", **{code: "69123"})
    for other in (f"{kind}:69124", "fund:69123", "fund:019990069"):
        with refused("identity_no_agent_account"):
            sign_in(replace(DESK, organisation=other))
    assert sign_in(replace(DESK, organisation=f"{kind}:69123")) == owner.pk


def test_an_agent_is_found_by_the_address_an_administrator_gave() -> None:
    owner = agent()
    assert sign_in(DESK) == owner.pk
    assert ExternalIdentity.objects.get().linked_how == "email"
    # Later the subject is enough, whatever the address becomes; the organisation still counts.
    assert sign_in(replace(DESK, email="renamed@caisse.example.org")) == owner.pk
    with refused("identity_no_agent_account"):
        sign_in(replace(DESK, organisation="fund:019990001"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "other@caisse.example.org"},
        {"email": ""},
        {"organisation": "fund:019990001"},
        {"organisation": "town:019990069"},
        {"organisation": ""},
    ],
)
def test_an_agent_without_an_account_never_gets_one(wrong: dict[str, Any]) -> None:
    agent()
    with refused("identity_no_agent_account"):
        sign_in(replace(DESK, **wrong))
    assert Account.objects.count() == 1
    assert not ExternalIdentity.objects.exists()


def test_an_agents_identity_opens_no_other_role_with_the_same_address() -> None:
    agent(role=Role.ADMINISTRATOR, fund_code="")
    with refused("identity_no_agent_account"):
        sign_in(DESK)


def test_somebody_signed_in_links_by_hand_what_nothing_contradicts() -> None:
    # Married name, NIR not known: never found, but theirs when they hold both.
    owner = account_of(camille(family_name="Dupont-Exemple", nir=""))
    actor = actor_for(owner)
    with refused("identity_not_known"):
        sign_in(CITIZEN)
    made = link_identity(actor=actor, **hold(CITIZEN, actor), at=AT)
    assert made.linked_how == "by_hand"
    assert sign_in(CITIZEN) == owner.pk
    assert [row.pk for row in open_identities(actor=actor, at=AT)] == [made.pk]
    assert Entry.objects.filter(event="identities.link.made", actor_account=owner.pk).count() == 1


def test_nobody_links_the_identity_of_somebody_born_another_day() -> None:
    actor = actor_for(account_of(camille()))
    for traits in (
        TRAITS._replace(birth_date="1990-05-18"),
        TRAITS._replace(sex="male"),
        TRAITS._replace(birth_place="69123"),
    ):
        Held.objects.all().delete()
        with refused("identity_of_somebody_else"):
            link_identity(actor=actor, **hold(replace(CITIZEN, traits=traits)), at=AT)
    with refused("identity_of_somebody_else"):
        Held.objects.all().delete()
        link_identity(actor=actor, **hold(replace(CARD, rpps=make.made_up_rpps(3))), at=AT)
    assert not ExternalIdentity.objects.exists()


def test_an_identity_linked_to_an_account_is_not_linked_to_another() -> None:
    account_of(camille())
    sign_in(CITIZEN)
    other = account_of(camille(nir="", family_name="Autrement"))
    with refused("identity_taken"):
        link_identity(actor=actor_for(other), **hold(CITIZEN), at=AT)


def test_a_link_is_taken_back_by_its_owner_only_and_the_traits_go_with_it() -> None:
    owner = account_of(camille())
    sign_in(CITIZEN)
    linked = ExternalIdentity.objects.get()
    stranger = actor_for(account_of(camille(nir="")))
    with refused("not_found"):
        unlink_identity(actor=stranger, identity=linked.public_id, at=AT)
    unlink_identity(actor=actor_for(owner), identity=linked.public_id, at=AT)
    assert not ExternalIdentity.objects.exists() and not CertifiedTraits.objects.exists()
    lines = Entry.objects.filter(event="identities.link.removed").values_list("result", flat=True)
    assert sorted(lines) == ["done", "refused"]


def test_the_last_way_in_stays() -> None:
    camille()
    owner = Account.objects.get(pk=sign_in(CITIZEN))
    linked = ExternalIdentity.objects.get()
    with refused("identity_last_way_in"):
        unlink_identity(actor=actor_for(owner), identity=linked.public_id, at=AT)
    accounts.record_email(owner.pk, "camille@example.org")
    unlink_identity(actor=actor_for(owner), identity=linked.public_id, at=AT)


def test_an_answer_is_taken_once_by_the_browser_that_asked_in_time() -> None:
    question = {"nonce": "n", "verifier": "v"}
    ask_provider(actor=ANONYMOUS, state="state", browser=BROWSER, question=question, at=AT)
    for wrong in (
        {"state": "other", "browser": BROWSER, "at": AT},
        {"state": "state", "browser": "another", "at": AT},
        {"state": "state", "browser": BROWSER, "at": AT + ANSWER_WITHIN},
    ):
        with refused("identity_answer_old"):
            take_answer(actor=ANONYMOUS, **wrong)
    right = {"state": "state", "browser": BROWSER, "at": AT + ANSWER_WITHIN - timedelta(seconds=1)}
    assert take_answer(actor=ANONYMOUS, **right) == question
    with refused("identity_answer_old"):
        take_answer(actor=ANONYMOUS, **right)


def test_a_refused_answer_leaves_a_line_and_nothing_else() -> None:
    refuse_answer(actor=ANONYMOUS, provider="citizens", reason="nonce", at=AT)
    line = Entry.objects.get()
    assert (line.event, line.object_id) == ("identities.answer.refused", "citizens")
    assert (line.reason, line.result) == ("nonce", "refused")


def test_nobody_links_without_an_account() -> None:
    visitor = Actor("person", person_id=camille().pk)
    for step, more in (
        (link_identity, {"key": KEY, "browser": BROWSER}),
        (open_identities, {}),
        (unlink_identity, {"identity": None}),
    ):
        with refused("not_allowed"):
            step(actor=visitor, **more, at=AT)


@pytest.mark.parametrize(
    ("nir", "fits"),
    [
        (make.made_up_nir(4321), True),
        (make.made_up_nir(4321, sex=1), False),
        (make.made_up_nir(4321, born_on=date(1990, 6, 17)), False),
        (make.made_up_nir(5321), False),
    ],
)
def test_a_number_typed_by_hand_never_contradicts_what_a_provider_certified(
    nir: str, fits: bool
) -> None:
    where = scene.practice()
    who = make.person(at=AT, given_name="Camille", family_name="Dupont-Exemple")
    booking = scene.booked(where, who, day=scene.MONDAY, kind="evaluation")
    actor = actor_for(account_of(who))
    linked = link_identity(actor=actor, **hold(CITIZEN, actor), at=AT)
    if not fits:
        with refused("nir_of_another"):
            scene.closed(where, booking, rights=scene.RIGHTS, nir=nir)
        # Without the link nobody answers for these traits any more.
        unlink_identity(actor=actor, identity=linked.public_id, at=AT)
    scene.closed(where, booking, rights=scene.RIGHTS, nir=nir)
    assert Person.objects.get(pk=who.pk).nir == nir
