"""What banks answer is read to the cent, or refused as a whole; nothing hangs, nothing crashes."""

from __future__ import annotations

import contextlib
import os
import random
import time
from datetime import date

import pytest
from tests.paying import Movement, camt_054, pain_002

from soutien.doors.files.bank_lines import read
from soutien.doors.files.lines import FileError

FULL = os.environ.get("SOUTIEN_PROOF") == "full"
BENT = 3_000 if FULL else 200
DAY = date(2026, 11, 5)


def entry(amount: str = "30.00", more: str = "", day: str = "2026-11-05") -> bytes:
    return (
        "<Document><BkToCstmrDbtCdtNtfctn><Ntfctn><Ntry>"
        f"<Amt Ccy='EUR'>{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd>"
        f"<BookgDt><DtTm>{day}T10:00:00</DtTm></BookgDt><NtryDtls>{more}</NtryDtls>"
        "</Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


def test_a_movement_says_its_number_its_cents_its_day_and_its_side() -> None:
    paid, returned = read(
        camt_054([Movement("A-1", 3001), Movement("A-1", 3001, "returned", "AC04")])
    )
    assert (paid.number, paid.cents, paid.incoming, paid.booked_on) == ("A-1", 3001, False, DAY)
    assert (returned.incoming, returned.reason) == (True, "AC04")
    assert paid.fingerprint != returned.fingerprint


def test_a_refusal_moves_nothing_and_says_why() -> None:
    [one] = read(pain_002([Movement("A-1", 0, reason="AC01")]))
    assert (one.rejected, one.cents, one.number, one.reason) == (True, 0, "A-1", "AC01")


def test_the_amount_of_an_entry_is_taken_for_its_only_movement_and_for_none_of_several() -> None:
    one = "<TxDtls><Refs><EndToEndId>A</EndToEndId></Refs></TxDtls>"
    assert [word.cents for word in read(entry(more=one))] == [3000]
    with pytest.raises(FileError, match="euros"):
        read(entry(more=one * 2))
    inside = "<TxDtls><AmtDtls><TxAmt><Amt Ccy='EUR'>7.5</Amt></TxAmt></AmtDtls></TxDtls>"
    assert [word.cents for word in read(entry(more=inside * 2))] == [750, 750]


@pytest.mark.parametrize("amount", ["", "-3.00", "3,00", "1e3", "0.00", "0.001", "9" * 40, "NaN"])
def test_an_amount_that_is_none_refuses_the_whole_file(amount: str) -> None:
    with pytest.raises(FileError, match="nothing was read"):
        read(entry(amount))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF",
        b"<a/>",
        b"<?xml version='1.0' encoding='no-such'?><a/>",
        entry(day="2026-13-45"),
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        b"\xff\xfe\x00",
        b"<a>" * 100_000,
    ],
)
def test_what_is_no_file_of_a_bank_is_refused_at_once(content: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(FileError):
        read(content)
    assert time.process_time() - begun < 1


def test_bent_files_never_crash_and_never_hang() -> None:
    dice = random.Random(3)
    good = camt_054([Movement(f"A-{n}", 100 + n) for n in range(20)])
    for _ in range(BENT):
        bent = bytearray(good)
        for _ in range(dice.randrange(1, 6)):
            where = dice.randrange(len(bent))
            if dice.random() < 0.5:
                del bent[where : where + dice.randrange(40)]
            else:
                bent[where] = dice.randrange(256)
        begun = time.process_time()
        with contextlib.suppress(FileError):
            assert all(word.cents > 0 for word in read(bytes(bent)))
        assert time.process_time() - begun < 1
