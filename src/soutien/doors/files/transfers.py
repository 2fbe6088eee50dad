"""An order as the file a bank takes: SEPA credit transfers, pain.001, checked before it leaves.

The same order gives the same file, to the byte: a bank refuses a message number it knows, so a
file sent twice pays once.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Any

from soutien.steps.pay import Transfers

VERSIONS = ("pain.001.001.09", "pain.001.001.03")
NAME_LENGTH = 70
# What every bank of the area takes.
_KEPT = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ ")
_WRITTEN_OUT = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "’": "'"}
)


class FileRefused(ValueError):
    """The file would not be one that a bank takes; the message says why."""


def pain_001(order: Transfers, version: str = VERSIONS[0]) -> bytes:
    """The file of an order. Raises FileRefused."""
    from sepaxml import SepaTransfer

    made = SepaTransfer(
        {
            "name": plain(order.payer_name),
            "IBAN": order.payer_iban,
            "batch": True,
            "currency": "EUR",
        },
        schema=version,
    )
    made.msg_id = order.number
    for one in order.transfers:
        made.add_payment(
            {
                "name": plain(one.name),
                "IBAN": one.iban,
                "amount": one.cents,
                "execution_date": order.execution_on,
                # Nothing in it says what the money is for: banks read it.
                "description": f"Remboursement {one.reference}",
                "endtoend_id": one.number,
            }
        )
    text = _settled(made.export(validate=False), order)
    wrong = next(_schema(version).iter_errors(text), None)
    if wrong is not None:
        raise FileRefused(str(wrong.reason))
    return text.encode()


def plain(name: str) -> str:
    """A name in the letters that all banks take; never empty."""
    parts = unicodedata.normalize("NFKD", name.translate(_WRITTEN_OUT))
    bare = (sign for sign in parts if not unicodedata.combining(sign))
    letters = "".join(sign if sign in _KEPT else " " for sign in bare)
    return " ".join(letters.split())[:NAME_LENGTH].strip() or "Titulaire du compte"


def _settled(xml: bytes, order: Transfers) -> str:
    """The same numbers and the same moment each time, which the library draws and reads."""
    text = xml.decode()
    for name, told in (
        ("MsgId", order.number),
        ("CreDtTm", f"{order.prepared_at:%Y-%m-%dT%H:%M:%S}"),
        ("PmtInfId", order.number),
    ):
        text = re.sub(f"<{name}>[^<]*</{name}>", f"<{name}>{told}</{name}>", text, count=1)
    return text


@lru_cache(maxsize=2)
def _schema(version: str) -> Any:
    import xmlschema

    return xmlschema.XMLSchema(str(files("sepaxml") / "schemas" / f"{version}.xsd"))
