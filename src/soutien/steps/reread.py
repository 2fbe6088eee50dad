"""A text beside the law of a day, as the newsroom and its readers are told."""

from __future__ import annotations

from datetime import date

from soutien.registers.contents.models import Version
from soutien.rules.quoted import quoted
from soutien.rules.statements import Finding, findings
from soutien.steps import gather


def read_again(text: str, language: str, on: date, lang: str) -> tuple[Finding, ...]:
    """What a text in Markdown states wrongly on a day; answers in ``lang``."""
    law = gather.law()
    return findings(quoted(text, law, on, language).text, law, on, lang)


def text_of(version: Version) -> str:
    """All that a version says in sentences."""
    return f"{version.title}\n\n{version.summary}\n\n{version.body}"
