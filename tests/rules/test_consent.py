"""Who must say yes for a child, read as a table (R-035, R-036)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as any_of

from soutien.rules.consent import ENOUGH, TEXTS, Held, State, Word, consent_state, text_of
from soutien.rules.terms import load_law

BORN, ON = date(2018, 5, 17).toordinal(), date(2026, 11, 20).toordinal()
YES, NO, NONE = Word.YES, Word.NO, Word.NONE
# alone by a paper, the paper seen, the word, the statement
PARENT_YES, PARENT_NO, PARENT = Held(0, 0, YES, 0), Held(0, 0, NO, 0), Held(0, 0, NONE, 0)
ANSWERS_FOR_BOTH = Held(0, 0, YES, 1)
CLAIMS_ALONE, ALONE_YES = Held(1, 0, YES, 0), Held(1, 1, YES, 0)
ALONE_NO, ALONE = Held(1, 1, NO, 0), Held(1, 1, NONE, 0)
CASES = [
    ((), State.NONE_YET),
    ((PARENT,), State.NONE_YET),
    ((PARENT, PARENT), State.NONE_YET),
    ((PARENT_YES,), State.ONE_MISSING),
    ((PARENT_YES, PARENT), State.ONE_MISSING),
    ((PARENT_YES, PARENT_YES), State.COMPLETE),
    ((PARENT_YES, PARENT_NO), State.REFUSED),
    ((PARENT_NO,), State.REFUSED),
    ((ANSWERS_FOR_BOTH,), State.BY_STATEMENT),
    ((ANSWERS_FOR_BOTH, PARENT), State.BY_STATEMENT),
    ((ANSWERS_FOR_BOTH, PARENT_YES), State.COMPLETE),
    ((ANSWERS_FOR_BOTH, PARENT_NO), State.REFUSED),
    ((Held(0, 0, NONE, 1),), State.NONE_YET),
    ((CLAIMS_ALONE,), State.PAPER_TO_SEE),
    ((CLAIMS_ALONE, PARENT_NO), State.REFUSED),
    ((ALONE_YES,), State.COMPLETE),
    ((ALONE_YES, PARENT_NO), State.COMPLETE),
    ((ALONE_NO, PARENT_YES), State.REFUSED),
    ((ALONE, PARENT_YES), State.NONE_YET),
]


@pytest.mark.parametrize(("holders", "state"), CASES)
def test_who_said_what_makes_the_state(holders: tuple[Held, ...], state: State):
    assert consent_state(ON, BORN, 18, 1, holders) is state


@pytest.mark.parametrize(
    ("day", "needed"), [(date(2036, 5, 16), True), (date(2036, 5, 17), False)]
)
def test_nobody_is_asked_from_the_birthday_of_majority_on(day: date, needed: bool):
    state = consent_state(day.toordinal(), BORN, 18, 1, ())
    assert (state is not State.NOT_NEEDED) is needed


@pytest.mark.parametrize(("day", "sought"), [(date(2024, 6, 28), 0), (date(2024, 6, 29), 1)])
def test_the_law_of_the_day_says_who_seeks_the_consent(day: date, sought: int):
    """Before 29 June 2024 the doctor did: nothing is asked of the psychologist."""
    terms = load_law().on(day)
    assert terms.psychologist_seeks_consent == sought
    state = consent_state(
        day.toordinal(), BORN, terms.majority_age_years, terms.psychologist_seeks_consent, ()
    )
    assert (state is State.NOT_NEEDED) is (not sought)


_holders = any_of.lists(
    any_of.builds(
        Held, any_of.integers(0, 1), any_of.integers(0, 1), any_of.sampled_from(Word),
        any_of.integers(0, 1),
    ),
    max_size=2,
)  # fmt: skip


@given(_holders)
def test_nothing_is_enough_without_a_yes(holders: list[Held]):
    state = consent_state(ON, BORN, 18, 1, holders)
    if state in ENOUGH:
        assert any(holder.word == YES for holder in holders)
        refusing = [holder for holder in holders if holder.word == NO]
        deciding = [holder for holder in holders if holder.alone and holder.paper_seen]
        assert not refusing or deciding


@given(_holders)
def test_the_order_in_which_they_were_named_changes_nothing(holders: list[Held]):
    assert consent_state(ON, BORN, 18, 1, holders) is consent_state(ON, BORN, 18, 1, holders[::-1])


def test_texts_are_numbered_and_say_the_same_in_both_languages():
    for matter, texts in TEXTS.items():
        assert [text.version for text in texts] == list(range(1, len(texts) + 1))
        for text in texts:
            assert len(text.says["fr"]) == len(text.says["en"])
            assert text.title["fr"] and text.title["en"]
        assert text_of(matter) is texts[-1]
        assert text_of(matter, 1) is texts[0]
