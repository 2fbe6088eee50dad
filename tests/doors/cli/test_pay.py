"""``soutien pay``: the account that pays, the file that leaves, what the bank says, the gaps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests import factories, paying
from tests.paying import AT, PAYER, Movement, camt_054

from soutien.doors.cli.main import main
from soutien.registers.payments import queries as payments
from soutien.registers.payments.models import PayerAccount
from soutien.steps.pay import release_order

pytestmark = pytest.mark.django_db


def test_a_payer_is_written_down_with_an_account_that_can_be(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["pay", "payer", PAYER, "--name", "Caisse"]
    assert main([*words, "--iban", "FR00 1234"]) == 1
    assert "IBAN" in capsys.readouterr().err
    assert not PayerAccount.objects.exists()
    assert main([*words, "--iban", "FR76 3000 6000 0112 3456 7890 189"]) == 0
    assert PayerAccount.objects.get().iban == paying.IBANS[0]
    with pytest.raises(SystemExit):
        main(["pay", "gaps", "somebody"])


def test_a_file_leaves_is_read_and_every_gap_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = factories.place(factories.psychologist())
    paying.paying_account()
    paying.confirmed(psychologist=place.psychologist)
    paying.owed_claims(place, factories.person(at=AT), 2)
    order = paying.ordered(paying.agent(), None)
    out = tmp_path / "out.xml"
    words = ["pay", "export", order.number, "-o", str(out)]
    assert main(words) == 1
    assert not out.exists()
    release_order(actor=paying.agent(), order_id=order.public_id, at=AT)
    assert main(words) == 0
    assert out.stat().st_mode & 0o077 == 0
    first, second = payments.transfers_of(order.pk)
    assert first.number.encode() in out.read_bytes()

    paid, other = tmp_path / "paid.xml", tmp_path / "other.xml"
    paid.write_bytes(camt_054([Movement(first.number, 3000)]))
    other.write_bytes(b"<html>")
    capsys.readouterr()
    assert main(["pay", "read", PAYER, str(paid), str(paid)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{paid}: 1 paid; 0 known before.",
        f"{paid}: nothing new; 1 known before.",
    ]
    assert main(["pay", "read", PAYER, str(other)]) == 1

    capsys.readouterr()
    assert main(["pay", "gaps", PAYER, "--json"]) == 1
    [gap] = json.loads(capsys.readouterr().out)
    assert (gap["kind"], gap["number"]) == ("missing", second.number)
    assert main(["pay", "read", PAYER, str(_paid(tmp_path, second.number))]) == 0
    assert main(["pay", "gaps", PAYER]) == 0


def _paid(folder: Path, number: str) -> Path:
    path = folder / "second.xml"
    path.write_bytes(camt_054([Movement(number, 3000)]))
    return path
