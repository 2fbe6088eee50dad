"""Every colour that carries words or a shape can be told from what lies behind it."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders

TEXT, SHAPE = 4.5, 3.0
BACKGROUNDS = ("paper", "glow", "surface", "tint", "warm")
PAIRS = [
    *((ink, back, TEXT) for ink in ("ink", "soft", "main", "pressed") for back in BACKGROUNDS),
    ("on-main", "main", TEXT),
    ("on-main", "pressed", TEXT),
    *(("danger", back, TEXT) for back in ("paper", "glow", "surface", "danger-tint", "tint")),
    *(("ink", back, TEXT) for back in ("danger-tint", "ok-tint")),
    *(("main", back, TEXT) for back in ("danger-tint", "ok-tint")),
    *(("ok", back, TEXT) for back in ("ok-tint", "surface", "paper")),
    *(("field", back, SHAPE) for back in ("paper", "surface", "tint", "glow")),
    *(("accent", back, SHAPE) for back in ("paper", "surface", "tint", "warm", "glow")),
]


def style_sheet() -> str:
    path = finders.find("soutien/soutien.css")
    assert isinstance(path, str)
    with open(path, encoding="utf-8") as file:
        return file.read()


def themes() -> dict[str, dict[str, str]]:
    """The tokens of both themes, by name, as six hexadecimal digits."""
    blocks = re.findall(r":root\s*{([^}]*)}", style_sheet())
    light = dict(re.findall(r"--([\w-]+):\s*#([0-9A-Fa-f]{6})", blocks[0]))
    dark = dict(re.findall(r"--([\w-]+):\s*#([0-9A-Fa-f]{6})", blocks[1]))
    return {"light": light, "dark": light | dark}


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast("000000", "FFFFFF") == pytest.approx(21)
    assert contrast("777777", "FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_a_colour_stands_out_from_its_background(
    theme: str, front: str, back: str, least: float
) -> None:
    tokens = themes()[theme]
    assert contrast(tokens[front], tokens[back]) >= least


def test_no_colour_is_written_outside_the_tokens() -> None:
    """Apart from print, which is black on white."""
    after_tokens = style_sheet().split("/* Working screens", 1)[1].split("@media print", 1)[0]
    assert not re.findall(r"#[0-9A-Fa-f]{3,8}\b", after_tokens)
