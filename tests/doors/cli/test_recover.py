"""Two administrators, each with a code of their own, vouch for who lost everything."""

from __future__ import annotations

import io

import pytest
from tests import factories as make
from tests.doors.cli.test_account import account
from tests.signing_in import next_code, totp_key

from soutien.registers.accounts.models import Account, Recovery, Role

pytestmark = pytest.mark.django_db


def vouch(monkeypatch: pytest.MonkeyPatch, whom: Account, by: Account, code: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{code}\n"))
    done: int = account("recover", whom.email, "--by", by.email, "--proof", "passeport 12AB")
    return done


def test_two_administrators_with_their_codes_let_it_wait(monkeypatch, capsys) -> None:
    agent = make.account(Role.FUND_AGENT, fund_code=make.FUND)
    first, second = make.account(), make.account()
    for one in (agent, first, second):
        totp_key(one)
    assert vouch(monkeypatch, agent, first, "000000") == 1
    assert not Recovery.objects.exists()
    code = next_code(first)
    assert vouch(monkeypatch, agent, first, code) == 0
    assert "Another administrator" in capsys.readouterr().out
    # The code is good once, and the same person once.
    assert vouch(monkeypatch, agent, first, code) == 1
    assert vouch(monkeypatch, agent, first, next_code(first)) == 1
    assert vouch(monkeypatch, agent, second, next_code(second)) == 0
    assert "unless somebody objects" in capsys.readouterr().out
    assert Recovery.objects.get().state == "waiting"


def test_an_agent_vouches_for_nobody(monkeypatch, capsys) -> None:
    agent = make.account(Role.FUND_AGENT, fund_code=make.FUND)
    other = make.account(Role.FUND_AGENT, fund_code=make.FUND)
    for one in (agent, other):
        totp_key(one)
    assert vouch(monkeypatch, other, agent, next_code(agent)) == 1
    assert not Recovery.objects.exists()
