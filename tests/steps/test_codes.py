"""Codes that prove: the vectors of the standards, and what people write around them."""

from __future__ import annotations

import base64
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from soutien.steps import codes

# RFC 4226, appendix D, and RFC 6238, appendix B (its eight digits end in these six).
SECRET = base64.b32encode(b"12345678901234567890").decode()
HOTP = ("755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871")
TOTP = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}
NOW = datetime(2026, 11, 22, 9, 0, 7, tzinfo=UTC)
STEP = timedelta(seconds=codes.PERIOD_SECONDS)


@pytest.mark.parametrize(("counter", "code"), list(enumerate(HOTP)))
def test_a_counter_gives_the_code_of_the_standard(counter: int, code: str) -> None:
    assert codes.code_of(SECRET, counter) == code


@pytest.mark.parametrize(("seconds", "code"), list(TOTP.items()))
def test_a_moment_gives_the_code_of_the_standard(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert codes.code_of(SECRET, codes.counter_at(at)) == code


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_a_clock_a_little_off_is_understood(late: int) -> None:
    code = codes.code_of(SECRET, codes.counter_at(NOW + late * STEP))
    assert codes.matching_counter(SECRET, code, at=NOW) == codes.counter_at(NOW) + late


@pytest.mark.parametrize("late", [-2, 2])
def test_a_clock_further_off_is_not(late: int) -> None:
    code = codes.code_of(SECRET, codes.counter_at(NOW + late * STEP))
    assert codes.matching_counter(SECRET, code, at=NOW) is None


def test_a_code_taken_is_not_taken_again_nor_one_before_it() -> None:
    now = codes.counter_at(NOW)
    for counter in (now - 1, now):
        code = codes.code_of(SECRET, counter)
        assert codes.matching_counter(SECRET, code, at=NOW, after=now) is None
    later = codes.code_of(SECRET, now + 1)
    assert codes.matching_counter(SECRET, later, at=NOW, after=now) == now + 1


@pytest.mark.parametrize("text", ["{0} {1}", " {0}-{1} ", "{0}\u202f{1}"])
def test_what_is_written_between_the_digits_does_not_count(text: str) -> None:
    code = codes.code_of(SECRET, codes.counter_at(NOW))
    assert codes.matching_counter(SECRET, text.format(code[:3], code[3:]), at=NOW)


@given(some.text(max_size=12))
def test_no_other_text_is_a_code(text: str) -> None:
    right = {codes.code_of(SECRET, codes.counter_at(NOW) + near) for near in (-1, 0, 1)}
    found = codes.matching_counter(SECRET, text, at=NOW)
    assert (found is not None) == (codes.digits_of(text) in right)


def test_a_new_key_is_that_of_the_standard_s_length() -> None:
    keys = {codes.new_secret() for _time in range(50)}
    assert len(keys) == 50
    assert all(len(base64.b32decode(key)) == codes.SECRET_BYTES for key in keys)


def test_codes_on_paper_are_too_many_to_try_against_a_plain_digest() -> None:
    """112 bits, below which a slow hash with a salt would be needed."""
    letters = {letter for _time in range(20) for letter in "".join(codes.new_paper_codes())}
    length = len(codes.new_paper_codes()[0].replace("-", ""))
    assert length * math.log2(len(letters - {"-"})) >= 112


def test_codes_on_paper_are_told_from_those_of_an_application() -> None:
    paper = codes.new_paper_codes()
    assert len(set(paper)) == codes.PAPER_CODES
    assert not any(codes.looks_shown(code) for code in paper)
    assert codes.looks_shown("123 456")


@pytest.mark.parametrize("form", [str.upper, lambda code: code.replace("-", " "), str.strip])
def test_a_code_on_paper_is_found_however_it_is_copied(form: object) -> None:
    paper = codes.new_paper_codes()
    digests = [codes.paper_digest(code) for code in paper]
    assert codes.matching_digest(form(paper[4]), digests) == 4  # type: ignore[operator]
    assert codes.matching_digest(paper[4][:-1], digests) is None
