"""Questionnaires against their published tables, and properties no file may break."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soutien.rules.scales import Scale, ScaleError, load_scale, scale_names, scale_of
from soutien.rules.screen import Course, Danger, evolution, score, uncertainty

# The published bands: first and last total of each, as printed by their authors.
PUBLISHED = {
    "phq-9": [
        (0, 4, "minimal"),
        (5, 9, "mild"),
        (10, 14, "moderate"),
        (15, 19, "moderately_severe"),
        (20, 27, "severe"),
    ],
    "gad-7": [(0, 4, "minimal"), (5, 9, "mild"), (10, 14, "moderate"), (15, 21, "severe")],
    "fagerstrom": [
        (0, 2, "very_low"),
        (3, 4, "low"),
        (5, 5, "medium"),
        (6, 7, "high"),
        (8, 10, "very_high"),
    ],
    "cudit": [(0, 7, "below_cut_off"), (8, 40, "possible_disorder")],
    "adrs": [(0, 3, "below_cut_off"), (4, 8, "moderate"), (9, 10, "severe")],
    "sdq-parent": [(0, 13, "normal"), (14, 16, "borderline"), (17, 40, "abnormal")],
    "sdq-teacher": [(0, 11, "normal"), (12, 15, "borderline"), (16, 40, "abnormal")],
    "bits": [(0, 2, "below_cut_off"), (3, 8, "ask_about_suicide")],
}
AUDIT = {
    "male": [(0, 7, "low_risk"), (8, 12, "hazardous"), (13, 40, "possible_dependence")],
    "female": [(0, 6, "low_risk"), (7, 11, "hazardous"), (12, 40, "possible_dependence")],
}
# Both ends in, from the official booklet.
BOOKLET = {
    ("phq-9", ""): (5, 19),
    ("gad-7", ""): (5, 14),
    ("fagerstrom", ""): (0, 6),
    ("audit", "male"): (8, 12),
    ("audit", "female"): (7, 11),
    ("cudit", ""): (0, 8),
    ("adrs", ""): (4, 8),
}


def answers_for(scale: Scale, total: int) -> list[int]:
    """Answers, from the first question on, that add up to a total."""
    counted = [
        item for part in scale.subscales if part.code in scale.total_of for item in part.items
    ] or list(range(1, scale.items + 1))
    left, points = total, dict.fromkeys(range(1, scale.items + 1), 0)
    for item in sorted(counted, key=lambda item: len(scale.points[item - 1])):
        points[item] = max(point for point in scale.points[item - 1] if point <= left)
        left -= points[item]
    assert left == 0
    return [
        scale.points[item - 1][-1] - point if item in scale.reversed_items else point
        for item, point in points.items()
    ]


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_every_total_falls_in_its_published_band(name: str) -> None:
    scale = load_scale(name)
    for first, last, code in PUBLISHED[name]:
        for total in range(first, last + 1):
            told = score(scale, answers_for(scale, total))
            assert (told.total, told.band and told.band.code) == (total, code)
    assert PUBLISHED[name][-1][1] == scale.total_max


@pytest.mark.parametrize("sex", sorted(AUDIT))
def test_every_total_of_audit_falls_in_the_band_of_a_sex(sex: str) -> None:
    scale = load_scale("audit")
    for first, last, code in AUDIT[sex]:
        for total in range(first, last + 1):
            told = score(scale, answers_for(scale, total), sex=sex)
            assert (told.total, told.band and told.band.code) == (total, code)


def test_the_sex_is_asked_for_only_where_the_band_depends_on_it() -> None:
    scale = load_scale("audit")
    asked = [
        total
        for total in range(scale.total_max + 1)
        if score(scale, answers_for(scale, total)).needs == ("sex",)
    ]
    assert asked == [7, 12]
    assert score(load_scale("phq-9"), [0] * 9).needs == ()


@pytest.mark.parametrize(("name", "sex"), sorted(BOOKLET))
def test_the_range_of_the_booklet_holds_at_both_ends(name: str, sex: str) -> None:
    scale = load_scale(name)
    low, high = BOOKLET[name, sex]
    for total in range(scale.total_max + 1):
        told = score(scale, answers_for(scale, total), sex=sex)
        assert told.in_programme_range is (low <= total <= high)


@pytest.mark.parametrize("name", ["sdq-parent", "sdq-teacher", "bits"])
def test_a_scale_without_a_range_in_the_booklet_tells_none(name: str) -> None:
    scale = load_scale(name)
    assert score(scale, answers_for(scale, 1)).in_programme_range is None


@pytest.mark.parametrize(
    ("name", "answers", "total"),
    [
        # Each blank takes the mean of the others; halves go up.
        ("phq-9", [1, 1, 1, 1, 1, 1, 1, 1, None], 9),
        ("phq-9", [3, 3, 3, 3, None, None, 3, 3, 3], 27),
        ("phq-9", [0, 0, 0, 0, 0, 0, 0, 2, None], 2),  # 2.25
        ("phq-9", [0, 0, 0, 0, 0, 0, 0, 4 - 1, None], 3),  # 3.375
        ("phq-9", [0, 0, 0, 0, 0, 2, 2, None, 0], 5),  # 4.5
        ("phq-9", [1, 1, 1, 1, 1, 1, None, None, None], None),
        ("phq-9", [None] * 9, None),
        ("gad-7", [2, 2, 2, 2, 2, None, None], 14),
        ("gad-7", [2, 2, 2, 2, None, None, None], None),
        ("audit", [1] * 8 + [0, None], None),
        ("adrs", [1] * 9 + [None], None),
    ],
)
def test_blanks(name: str, answers: list[int | None], total: int | None) -> None:
    told = score(load_scale(name), answers)
    assert told.total == total
    assert told.estimated is (total is not None)
    assert told.blanks == tuple(n for n, given in enumerate(answers, 1) if given is None)
    if total is None:
        assert told.band is None


def test_a_subscale_of_the_sdq_is_told_with_three_answers_of_five() -> None:
    scale = load_scale("sdq-parent")
    answers: list[int | None] = [1] * 25
    answers[2] = answers[7] = None  # questions 3 and 8, both emotional
    assert score(scale, answers).subscales["emotional"] == 5
    assert score(scale, answers).total == 20
    answers[12] = None
    assert score(scale, answers).subscales["emotional"] is None
    assert score(scale, answers).total is None
    assert score(scale, answers).subscales["conduct"] == 5


def test_the_five_reversed_questions_of_the_sdq_are_turned() -> None:
    scale = load_scale("sdq-parent")
    answers: list[int | None] = [0] * 25
    # All "not true": only the reversed ones bring points, two each.
    told = score(scale, answers)
    assert told.subscales == {
        "emotional": 0,
        "conduct": 2,
        "hyperactivity": 4,
        "peers": 4,
        "prosocial": 0,
    }
    assert told.total == 10


def test_helping_behaviour_does_not_count_as_a_difficulty() -> None:
    scale = load_scale("sdq-teacher")
    answers: list[int | None] = [0] * 25
    for item in (1, 4, 9, 17, 20):
        answers[item - 1] = 2
    assert score(scale, answers).subscales["prosocial"] == 10
    assert score(scale, answers).total == 10


@pytest.mark.parametrize(
    ("name", "item", "given", "danger"),
    [
        ("phq-9", 9, 0, Danger.NO),
        ("phq-9", 9, 1, Danger.YES),
        ("phq-9", 9, 3, Danger.YES),
        ("phq-9", 9, None, Danger.UNANSWERED),
        ("adrs", 6, 0, Danger.NO),
        ("adrs", 6, 1, Danger.YES),
        ("adrs", 6, None, Danger.UNANSWERED),
        ("gad-7", 7, 3, Danger.NO),
    ],
)
def test_the_answer_on_danger_counts_whatever_the_total(
    name: str, item: int, given: int | None, danger: Danger
) -> None:
    scale = load_scale(name)
    for others in (scale.points[0][0], None):
        answers: list[int | None] = [others] * scale.items
        answers[item - 1] = given
        assert score(scale, answers).danger is danger


@pytest.mark.parametrize(
    ("answers", "danger"),
    [
        ([1, 1, 0, 0], Danger.NO),
        ([1, 1, 1, 0], Danger.YES),
        ([2, 1, None, None], Danger.YES),
        ([2, 0, None, 0], Danger.UNANSWERED),
    ],
)
def test_bits_asks_for_help_from_three_on(answers: list[int | None], danger: Danger) -> None:
    assert score(load_scale("bits"), answers).danger is danger


@pytest.mark.parametrize(
    ("name", "answers", "sex", "age", "code"),
    [
        ("phq-9", [0] * 8, "", None, "wrong_count"),
        ("phq-9", [0] * 10, "", None, "wrong_count"),
        ("phq-9", [0] * 8 + [4], "", None, "wrong_answer"),
        ("phq-9", [0] * 8 + [-1], "", None, "wrong_answer"),
        ("audit", [0] * 8 + [1, 0], "", None, "wrong_answer"),
        ("fagerstrom", [0, 2, 0, 0, 0, 0], "", None, "wrong_answer"),
        ("audit", [0] * 10, "homme", None, "wrong_sex"),
        ("phq-9", [0] * 9, "", 400, "wrong_age"),
    ],
)
def test_a_wrong_answer_is_refused(
    name: str, answers: list[int | None], sex: str, age: int | None, code: str
) -> None:
    with pytest.raises(ScaleError) as refused:
        score(load_scale(name), answers, sex=sex, age=age)
    assert refused.value.code == code


def test_an_unknown_scale_is_told_with_those_there_are() -> None:
    with pytest.raises(ScaleError, match="phq-9"):
        load_scale("../phq-9")


@pytest.mark.parametrize(
    ("name", "totals", "course", "below_case", "recovered"),
    [
        ("phq-9", [15, 9], Course.IMPROVED, True, True),
        ("phq-9", [15, 10], Course.STEADY, False, False),
        ("phq-9", [16, 10], Course.IMPROVED, False, False),
        ("phq-9", [10, 9], Course.STEADY, True, False),
        ("phq-9", [9, 3], Course.IMPROVED, False, False),
        ("phq-9", [5, 11], Course.WORSENED, False, False),
        ("phq-9", [5, 10], Course.STEADY, False, False),
        ("phq-9", [15, 27, 9], Course.IMPROVED, True, True),
        ("phq-9", [15, None], Course.NOT_ENOUGH_DATA, None, None),
        ("phq-9", [None, 15, None, 9, None], Course.IMPROVED, True, True),
        ("phq-9", [], Course.NOT_ENOUGH_DATA, None, None),
        ("gad-7", [11, 7], Course.IMPROVED, True, True),
        ("gad-7", [10, 7], Course.STEADY, True, False),
        ("gad-7", [8, 12], Course.WORSENED, False, False),
        ("audit", [20, 4], Course.NOT_ENOUGH_DATA, None, None),
    ],
)
def test_a_change_is_told_with_what_it_was_computed_from(
    name: str,
    totals: list[int | None],
    course: Course,
    below_case: bool | None,
    recovered: bool | None,
) -> None:
    told = evolution(load_scale(name), totals)
    assert (told.course, told.below_case, told.recovered) == (course, below_case, recovered)
    given = [total for total in totals if total is not None]
    assert told.scores_used == len(given)
    if course is not Course.NOT_ENOUGH_DATA:
        assert (told.first, told.last) == (given[0], given[-1])
        assert told.difference == given[-1] - given[0]


def test_chance_alone() -> None:
    assert uncertainty(load_scale("phq-9"), 13) == (8, 18)
    assert uncertainty(load_scale("phq-9"), 1) == (0, 6)
    assert uncertainty(load_scale("gad-7"), 20) == (17, 21)
    assert uncertainty(load_scale("audit"), 20) is None


@given(data=st.data(), name=st.sampled_from(scale_names()))
def test_no_answers_break_the_score(data: st.DataObject, name: str) -> None:
    scale = load_scale(name)
    answers = [data.draw(st.sampled_from([None, *points])) for points in scale.points]
    told = score(scale, answers, sex=data.draw(st.sampled_from(["", "male", "female"])))
    if told.total is not None:
        assert 0 <= told.total <= scale.total_max
        assert told.band is not None or told.needs == ("sex",)
    if None not in answers:
        assert told.total is not None
        assert told.danger is not Danger.UNANSWERED
    if told.danger is Danger.NO and scale.danger_item:
        assert answers[scale.danger_item - 1] == 0


@given(data=st.data(), name=st.sampled_from(["phq-9", "gad-7", "audit", "cudit", "adrs", "bits"]))
def test_more_points_never_lower_the_total(data: st.DataObject, name: str) -> None:
    scale = load_scale(name)
    answers = [data.draw(st.sampled_from(points)) for points in scale.points]
    item = data.draw(st.integers(0, scale.items - 1))
    higher = [point for point in scale.points[item] if point >= answers[item]]
    more = [*answers[:item], data.draw(st.sampled_from(higher)), *answers[item + 1 :]]
    before, after = score(scale, answers).total, score(scale, more).total
    assert before is not None
    assert after is not None
    assert after - before == more[item] - answers[item]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"reversed": [10]}, "does not exist"),
        ({"band": []}, "start at 0"),
        ({"licence": {"items_shipped": False}}, "licence"),
        ({"public": "dogs"}, "public"),
        ({"total_of": ["nothing"]}, "unknown subscales"),
        ({"items": 8}, "one for each question"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused(change: dict[str, object], fault: str) -> None:
    text = files("soutien.rules").joinpath("scales", "phq-9.toml").read_text("utf-8")
    with pytest.raises(ScaleError, match=fault):
        scale_of("phq-9", tomllib.loads(text) | change)


def test_questions_are_shipped_only_where_a_licence_says_so() -> None:
    shipped = {name for name in scale_names() if load_scale(name).texts}
    assert shipped == {"phq-9", "gad-7"}
    for name in shipped:
        scale = load_scale(name)
        assert set(scale.texts) == {"fr", "en"}
        assert "No permission required" in scale.licence["text"]
