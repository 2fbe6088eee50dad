"""Files of an operator who holds the licence of a scale: made up, of two questions."""

from __future__ import annotations

from pathlib import Path

_SCALE = """
title_fr = "Deux questions"
title_en = "Two questions"
version = "1"
rule = "own"
public = "{public}"
items = 2
answers = [0, 1]
[[band]]
code = "few"
from = 0
title_fr = "peu"
title_en = "few"
[[source]]
title = "made up"
[licence]
items_shipped = true
holder = "An operator"
text = "Licence 12 of 2026."
[texts.fr]
question = "Depuis une semaine ?"
answers = ["Non", "Oui"]
items = ["Première question", "Seconde question"]
"""


def parents_scale(public: str) -> str:
    """A file of two questions for adults, adolescents, or parents of children."""
    return _SCALE.format(public=public)


def write(folder: Path, name: str, text: str) -> Path:
    """The file in an operator's folder."""
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path
