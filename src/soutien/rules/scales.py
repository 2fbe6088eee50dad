"""The questionnaires: one file a scale, read and checked once (rules R-190 to R-199).

A file of ``scales/`` says how answers are scored, never what a person has: points, reversed
questions, subscales, what to do with blanks, bands by age and sex, the answer that asks for help
at once, and the change that is more than chance. Texts of questions are there only when their
licence allows it; an operator who holds another licence gives them in a folder of their own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

SEXES = ("male", "female")
PUBLICS = ("adults", "adolescents", "children")
# What a file with questions has to say of the right to show them.
LICENCE = ("holder", "text")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

# The end of a band that has none.
ANY_AGE = 200


class ScaleError(ValueError):
    """A scale, an answer or a file of scales is wrong. ``code`` is stable, the text says why."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


@dataclass(frozen=True)
class Band:
    """Scores from ``from_score`` on, up to the next band; for one sex or some ages when said."""

    code: str
    from_score: int
    title_fr: str
    title_en: str
    sex: str = ""
    age_from: int = 0
    age_before: int = ANY_AGE

    def title(self, lang: str) -> str:
        """What the band is called, in ``fr`` or ``en``."""
        return self.title_fr if lang == "fr" else self.title_en


@dataclass(frozen=True)
class ProgrammeRange:
    """The scores (both ends in) the official booklet names for the programme: information."""

    from_score: int
    to_score: int
    sex: str = ""


@dataclass(frozen=True)
class Subscale:
    """Some of the questions, added up; more than ``missing_max`` blanks, and nothing is told."""

    code: str
    items: tuple[int, ...]
    missing_max: int
    title_fr: str
    title_en: str


@dataclass(frozen=True)
class Texts:
    """What is shown to who answers, in one language: one text for each answer, and each item.

    ``own`` has the answers of questions that do not have those of the others.
    """

    question: str
    answers: tuple[str, ...]
    items: tuple[str, ...]
    own: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def answers_of(self, number: int) -> tuple[str, ...]:
        """The answers of one question, from the first on."""
        return self.own.get(number, self.answers)


@dataclass(frozen=True)
class Change:
    """What is more than chance between two scores (points), and from where on it is a case."""

    reliable_points: int
    case_from: int
    source: str
    confidence: str


@dataclass(frozen=True)
class Scale:
    """One version of one questionnaire."""

    name: str
    version: str
    title_fr: str
    title_en: str
    rule: str
    public: str
    points: tuple[tuple[int, ...], ...]  # for each item, the points an answer may bring
    reversed_items: frozenset[int]
    missing_max: int
    missing_source: str
    subscales: tuple[Subscale, ...]
    total_of: tuple[str, ...]  # subscales the total adds up; all items when empty
    bands: tuple[Band, ...]
    programme_ranges: tuple[ProgrammeRange, ...]
    danger_item: int  # 0 when no answer alone asks for help
    danger_item_from: int
    danger_total_from: int  # 0 when no total asks for help
    change: Change | None
    sources: tuple[str, ...]
    licence: Mapping[str, Any]
    texts: Mapping[str, Texts] = field(default_factory=dict)

    @property
    def items(self) -> int:
        """How many questions there are."""
        return len(self.points)

    @property
    def total_max(self) -> int:
        """The highest total."""
        counted = {
            item for scale in self.subscales if scale.code in self.total_of for item in scale.items
        } or set(range(1, self.items + 1))
        return sum(max(self.points[item - 1]) for item in counted)

    def title(self, lang: str) -> str:
        """What the questionnaire is called, in ``fr`` or ``en``."""
        return self.title_fr if lang == "fr" else self.title_en


def scale_names(folder: str = "") -> tuple[str, ...]:
    """All scales, those of an operator's folder too, in order of the alphabet."""
    return tuple(sorted(scales_in(folder)))


def load_scale(name: str, folder: str = "") -> Scale:
    """A scale by its name, as ``phq-9``; ScaleError(unknown_scale) lists those there are."""
    known = scales_in(folder)
    if name not in known:
        raise ScaleError(
            "unknown_scale",
            f"There is no scale {name!r}. Those known: {', '.join(sorted(known))}.",
        )
    return known[name]


@lru_cache(maxsize=8)
def scales_in(folder: str = "") -> Mapping[str, Scale]:
    """Our scales by name, with those of an operator's folder: ``NAME.toml`` each.

    A file of theirs may bring questions and a licence to a scale of ours, never another way to
    score it. Raises ScaleError, wrong_folder or wrong_file, with the first that does not hold.
    """
    shipped = {
        entry.name.removesuffix(".toml"): entry.read_text("utf-8")
        for entry in files("soutien.rules").joinpath("scales").iterdir()
        if entry.name.endswith(".toml")
    }
    found = {name: scale_of(name, tomllib.loads(text)) for name, text in shipped.items()}
    if folder and not Path(folder).is_dir():
        raise ScaleError("wrong_folder", f"{folder} is no folder: scales of yours are read there.")
    for path in sorted(Path(folder).glob("*.toml")) if folder else ():
        found[path.stem] = _of_operator(path, found.get(path.stem))
    return found


def _of_operator(path: Path, ours: Scale | None) -> Scale:
    """A scale of an operator's file, with what it may not say refused."""
    if not NAME.fullmatch(path.stem):
        raise ScaleError("wrong_file", f"{path}: name it in small letters, digits and hyphens.")
    try:
        theirs = scale_of(path.stem, tomllib.loads(path.read_text("utf-8")))
    except ScaleError as error:
        raise ScaleError(error.code, f"{path}: {error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScaleError("wrong_file", f"{path} is no TOML file: {error}.") from error
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        told = error.args[0] if error.args else error
        raise ScaleError(
            "wrong_file", f"{path} lacks {told!r}, or says it in another form than our files."
        ) from error
    if theirs.texts and not all(str(theirs.licence.get(word, "")).strip() for word in LICENCE):
        raise ScaleError(
            "wrong_file",
            f"{path} has questions, and [licence] does not say {' and '.join(LICENCE)}: whose "
            "they are, and what allows you to show them.",
        )
    if ours is not None and (changed := _scored_otherwise(ours, theirs)):
        raise ScaleError(
            "wrong_file",
            f"{path} scores {path.stem} otherwise than we do ({', '.join(changed)}): bring "
            "questions and a licence only, or give the file another name.",
        )
    return theirs


def _scored_otherwise(ours: Scale, theirs: Scale) -> list[str]:
    return [
        each.name
        for each in fields(Scale)
        if each.name not in {"texts", "licence", "sources"}
        and getattr(ours, each.name) != getattr(theirs, each.name)
    ]


def scale_of(name: str, data: Mapping[str, Any]) -> Scale:
    """A scale from the data of its file; ScaleError(wrong_file) says what does not hold."""
    count = data["items"]
    own = {entry["number"]: tuple(entry["answers"]) for entry in data.get("item", ())}
    missing = data.get("missing", {"items_max": 0, "source": ""})
    dangers = data.get("danger", ())
    by_item: Mapping[str, int] = next((danger for danger in dangers if "item" in danger), {})
    by_total: Mapping[str, int] = next(
        (danger for danger in dangers if "total_at_least" in danger), {}
    )
    scale = Scale(
        name=name,
        version=data["version"],
        title_fr=data["title_fr"],
        title_en=data["title_en"],
        rule=data["rule"],
        public=data["public"],
        points=tuple(own.get(item, tuple(data["answers"])) for item in range(1, count + 1)),
        reversed_items=frozenset(data.get("reversed", ())),
        missing_max=missing["items_max"],
        missing_source=missing["source"],
        subscales=tuple(
            Subscale(**(entry | {"items": tuple(entry["items"])}))
            for entry in data.get("subscale", ())
        ),
        total_of=tuple(data.get("total_of", ())),
        bands=tuple(_band(entry) for entry in data["band"]),
        programme_ranges=tuple(
            ProgrammeRange(entry["from"], entry["to"], entry.get("sex", ""))
            for entry in data.get("programme_range", ())
        ),
        danger_item=by_item.get("item", 0),
        danger_item_from=by_item.get("at_least", 0),
        danger_total_from=by_total.get("total_at_least", 0),
        change=Change(**data["change"]) if "change" in data else None,
        sources=tuple(entry["title"] for entry in data["source"]),
        licence=data["licence"],
        texts={lang: _texts(entry) for lang, entry in data.get("texts", {}).items()},
    )
    if faults := list(_faults(scale)):
        raise ScaleError("wrong_file", f"The file of the scale {name}: {'; '.join(faults)}.")
    return scale


def _band(entry: Mapping[str, Any]) -> Band:
    return Band(from_score=entry["from"], **{k: v for k, v in entry.items() if k != "from"})


def _texts(entry: Mapping[str, Any]) -> Texts:
    own = {each["number"]: tuple(each["answers"]) for each in entry.get("item", ())}
    return Texts(entry["question"], tuple(entry["answers"]), tuple(entry["items"]), own)


def _faults(scale: Scale) -> Any:
    """What a file says that cannot be."""
    numbers = set(range(1, scale.items + 1))
    if scale.public not in PUBLICS:
        yield f"public {scale.public!r} is none of {', '.join(PUBLICS)}"
    if not scale.reversed_items <= numbers or scale.danger_item not in {0, *numbers}:
        yield "it names a question that does not exist"
    for subscale in scale.subscales:
        if not set(subscale.items) <= numbers:
            yield f"subscale {subscale.code} names a question that does not exist"
    if unknown := set(scale.total_of) - {subscale.code for subscale in scale.subscales}:
        yield f"the total adds unknown subscales {sorted(unknown)}"
    for sex in ("", *SEXES):
        starts = [band.from_score for band in scale.bands if band.sex in {"", sex}]
        if starts != sorted(set(starts)) or not starts or starts[0] != 0:
            yield "bands do not start at 0 and rise"
    if any(band.from_score > scale.total_max for band in scale.bands):
        yield "a band starts above the highest total"
    for lang, texts in scale.texts.items():
        told = [len(texts.answers_of(number)) for number in sorted(numbers)]
        if len(texts.items) != scale.items or told != [len(each) for each in scale.points]:
            yield f"the texts in {lang} are not one for each question and each answer"
    if scale.texts and not scale.licence.get("items_shipped"):
        yield "it ships questions, and its licence does not say they may be"
