"""Keys for programs: made by whom the account is, never stronger, ended at once."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests import factories as make
from tests.proof.access_world import NOW

from soutien.registers.accounts.models import Account, Role
from soutien.registers.api_keys import queries as api_keys
from soutien.registers.api_keys.models import ApiKey
from soutien.registers.audit.models import Entry
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.entrust import KEYS_AT_ONCE, LONGEST, make_api_key, revoke_api_key
from soutien.steps.errors import Refusal

pytestmark = pytest.mark.django_db


def of(account: Account) -> Actor:
    return Actor(account.role, account.pk, person_id=account.person_id)


def made(account: Account, actor: Actor | None = None, **other: Any) -> tuple[ApiKey, str]:
    told: dict[str, Any] = {
        "name": "agenda",
        "scopes": ["read"],
        "valid_before": NOW + timedelta(days=30),
    }
    return make_api_key(
        actor=actor or of(account), account_id=account.pk, at=NOW, **(told | other)
    )


@pytest.fixture
def account() -> Account:
    return make.account(Role.PERSON, person=make.person(at=NOW))


def test_a_key_is_shown_once_and_kept_as_a_digest(account: Account):
    row, text = made(account)
    assert text.startswith("soutien_") and len(text) > 40
    assert text not in str(ApiKey.objects.values_list().get())
    found = api_keys.in_force(text, at=NOW)
    assert found is not None and found.pk == row.pk
    assert Entry.objects.get(event="api_keys.key.made").person_id == account.person_id


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["read", "everything"]}, "scopes"),
        ({"valid_before": NOW}, "days"),
        ({"valid_before": NOW + LONGEST + timedelta(seconds=1)}, "days"),
    ],
)
def test_what_is_missing_is_told(account: Account, wrong: dict[str, Any], field: str):
    with pytest.raises(Refusal, match="key_unclear") as refused:
        made(account, **wrong)
    assert refused.value.context["fields"] == (field,)


def test_nobody_makes_or_ends_a_key_of_another_account(account: Account):
    other = make.account(Role.ADMINISTRATOR)
    with pytest.raises(Refusal, match="not_allowed"):
        made(account, actor=replace(of(other), second_factor=True))
    row, text = made(account)
    with pytest.raises(Refusal, match="not_allowed"):
        revoke_api_key(actor=of(other), key_id=row.public_id, at=NOW)
    assert api_keys.in_force(text, at=NOW) is not None


def test_a_role_that_sees_others_gives_a_second_factor_first():
    account = make.account(Role.FUND_AGENT, fund_code=make.FUND)
    with pytest.raises(Refusal, match="second_factor_first"):
        made(account)
    assert made(account, actor=replace(of(account), second_factor=True))[0].second_factor
    assert made(account, actor=SYSTEM)[0].second_factor


def test_an_account_has_so_many_keys_and_no_more(account: Account):
    rows = [made(account)[0] for _number in range(KEYS_AT_ONCE)]
    with pytest.raises(Refusal, match="keys_enough"):
        made(account)
    revoke_api_key(actor=of(account), key_id=rows[0].public_id, at=NOW)
    assert made(account)


def test_a_key_ends_once(account: Account):
    row, text = made(account)
    for _number in range(2):
        revoke_api_key(actor=of(account), key_id=row.public_id, at=NOW)
    assert api_keys.in_force(text, at=NOW) is None
    assert Entry.objects.filter(event="api_keys.key.revoked").count() == 1
    with pytest.raises(Refusal, match="not_found"):
        revoke_api_key(actor=of(account), key_id=uuid.uuid4(), at=NOW)
