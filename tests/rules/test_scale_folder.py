"""An operator's folder of scales: questions by a licence, never another way to score."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from tests.rules.scale_files import parents_scale, write

from soutien.rules.scales import ScaleError, load_scale, scale_names, scales_in

TEXTS = """
[texts.fr]
question = "Question ?"
answers = ["jamais", "rarement", "parfois", "souvent", "toujours"]
items = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]
[[texts.fr.item]]
number = 9
answers = ["non", "avant", "cette année"]
[[texts.fr.item]]
number = 10
answers = ["non", "avant", "cette année"]
"""


@pytest.fixture(autouse=True)
def _read_anew():
    scales_in.cache_clear()
    yield
    scales_in.cache_clear()


def with_questions(name: str = "audit") -> str:
    """Our file of a scale, with questions and a licence of the operator's."""
    ours = files("soutien.rules").joinpath("scales", f"{name}.toml").read_text("utf-8")
    head = ours.split("[licence]")[0]
    licence = '[licence]\nitems_shipped = true\nholder = "An operator"\ntext = "Licence 12."\n'
    return head + licence + TEXTS


def test_questions_join_a_scale_of_ours_and_scales_of_one_s_own_stand_beside(tmp_path: Path):
    write(tmp_path, "audit", with_questions())
    write(tmp_path, "two-questions", parents_scale("adults"))
    (tmp_path / "notes.txt").write_text("not a scale")
    folder = str(tmp_path)
    audit = load_scale("audit", folder)
    assert audit.texts["fr"].answers_of(1)[4] == "toujours"
    assert audit.texts["fr"].answers_of(9) == ("non", "avant", "cette année")
    assert set(scale_names(folder)) - set(scale_names()) == {"two-questions"}
    assert not load_scale("audit").texts


def without(pattern: str, instead: str = "") -> Callable[[str], str]:
    def changed(text: str) -> str:
        made = re.sub(pattern, instead, text, count=1)
        assert made != text
        return made

    return changed


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("audit", without("items_shipped = true", "items_shipped = false"), "licence does not"),
        ("audit", without('holder = ".*"', 'holder = " "'), "holder and text"),
        ("audit", without('text = "Licence 12."'), "holder and text"),
        ("audit", without('"toujours"'), "no TOML file|not one for each"),
        ("audit", without(r', "toujours"'), "not one for each question"),
        ("audit", without(r"number = 9", "number = 8"), "not one for each question"),
        ("audit", without(r"from = 8", "from = 9"), "scores audit otherwise than we do"),
        ("audit", without(r"items = 10"), "lacks 'items'"),
        ("audit", without(r"items = 10", 'items = "ten"'), "another form"),
        ("audit", without(r"\[licence\]", "[licence"), "no TOML file"),
        ("Mine", lambda text: text, "small letters"),
        ("../mine", lambda text: text, ""),
    ],
)
def test_a_file_that_does_not_hold_is_refused_with_what_to_mend(
    tmp_path: Path, name: str, change: Callable[[str], str], said: str
):
    if name.startswith(".."):
        pytest.raises(ScaleError, load_scale, name, str(tmp_path))
        return
    write(tmp_path, name, change(with_questions()))
    with pytest.raises(ScaleError, match=said) as refused:
        scales_in(str(tmp_path))
    assert str(tmp_path / f"{name}.toml") in str(refused.value)


def test_the_answer_on_danger_cannot_be_taken_away(tmp_path: Path):
    ours = files("soutien.rules").joinpath("scales", "phq-9.toml").read_text("utf-8")
    assert "[[danger]]" in ours
    write(tmp_path, "phq-9", ours.replace("at_least = 1", "at_least = 3"))
    with pytest.raises(ScaleError, match=r"otherwise than we do \(danger_item_from\)"):
        scales_in(str(tmp_path))


def test_what_is_no_folder_is_refused(tmp_path: Path):
    with pytest.raises(ScaleError, match="is no folder"):
        scales_in(str(tmp_path / "nothing"))
