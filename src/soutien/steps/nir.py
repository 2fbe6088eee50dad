"""The social security number (NIR) as a step takes it: its only accepted form, or why not."""

from __future__ import annotations

from soutien.rules.identifiers import Fault, nir_fault, written
from soutien.steps.errors import Refusal

# The refusal that says each fault.
REFUSAL_OF = {
    Fault.LENGTH: "nir_length",
    Fault.CHARACTERS: "nir_characters",
    Fault.SEX: "nir_sex",
    Fault.MONTH: "nir_month",
    Fault.PLACE: "nir_place",
    Fault.RANK: "nir_rank",
    Fault.KEY: "nir_wrong",
}


def normal_form(text: str) -> str | None:
    """Thirteen characters and the key without spaces, or None when it cannot be a NIR."""
    number = written(text)
    return None if nir_fault(number) else number


def read(text: str) -> str:
    """The same, where a refusal says which part is impossible; never the number itself."""
    number = written(text)
    fault = nir_fault(number)
    if fault is not None:
        raise Refusal(REFUSAL_OF[fault], fields=("nir",))
    return number
