"""The social security number (NIR): its only accepted form, and its key."""

from __future__ import annotations

import re

from stdnum.fr import nir as standard

_SEPARATORS = re.compile(r"[ .\-\u00a0\u202f]")
# Sex (7 and 8 are provisional), year, month (20 to 42 and above 50 when it is not known),
# département with Corsica's letters, commune, order, key. Latin digits only.
_FORM = re.compile(
    r"[1278][0-9]{2}(0[1-9]|1[0-2]|[23][0-9]|4[0-2]|[5-9][0-9])([0-9]{2}|2[AB])[0-9]{6}[0-9]{2}"
)


def normal_form(text: str) -> str | None:
    """Thirteen characters and the key without spaces, or None when it cannot be a NIR."""
    compact = _SEPARATORS.sub("", text).upper()
    if _FORM.fullmatch(compact) is None or not standard.is_valid(compact):
        return None
    return compact
