"""What banks answer: camt.054 (what was booked, what came back) and pain.002 (what was refused).

Read whatever its version: by the names of the elements, not by their namespace. Nothing of it is
guessed: a line without an amount in euros or a day is refused with the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Protocol

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from soutien.doors.files.lines import FileError
from soutien.steps.reconcile import BankWord

LARGEST_BYTES = 64 * 1024 * 1024
NUMBER_LENGTH = 35
REASON_LENGTH = 4
_AMOUNT = re.compile(r"([0-9]{1,13})(?:\.([0-9]{1,5}))?")
_CENTS_DIGITS = 2
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Element(Protocol):
    """What is read of an element."""

    tag: str
    text: str | None

    def get(self, name: str, default: str) -> str: ...

    def iter(self) -> Iterator[Element]: ...

    def itertext(self) -> Iterator[str]: ...

    def __iter__(self) -> Iterator[Element]: ...


@dataclass(frozen=True, slots=True)
class _Entry:
    """What transactions of one entry share."""

    reference: str
    booked_on: date
    incoming: bool
    turned_back: bool


def read(content: bytes) -> list[BankWord]:
    """Every movement of a file, in its order. Raises FileError."""
    if len(content) > LARGEST_BYTES:
        raise FileError("This file is larger than any bank's: nothing was read.")
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise FileError(
            "This is no XML file of a bank (camt.054 or pain.002): nothing was read."
        ) from None
    if _first(root, "BkToCstmrDbtCdtNtfctn") is not None:
        return list(_camt(root))
    if _first(root, "CstmrPmtStsRpt") is not None:
        return list(_pain_002(root))
    raise FileError("This file is neither a camt.054 nor a pain.002: nothing was read.")


def _camt(root: Element) -> Iterator[BankWord]:
    for entry in _all(root, "Ntry"):
        shared = _Entry(
            reference=_text(entry, "AcctSvcrRef") or _text(entry, "NtryRef"),
            booked_on=_day(entry),
            incoming=_text(entry, "CdtDbtInd") == "CRDT",
            turned_back=_text(entry, "RvslInd") == "true",
        )
        details = list(_all(entry, "TxDtls")) or [entry]
        for detail in details:
            yield _word(detail, shared, _amount(detail, entry, alone=len(details) == 1))


def _amount(detail: Element, entry: Element, *, alone: bool) -> Element | None:
    """A movement's own amount; the entry's when it is the only one of the entry."""
    own = _child(detail, "Amt")
    if own is None:
        within = _first(detail, "TxAmt")
        own = _child(within, "Amt") if within is not None else None
    return _child(entry, "Amt") if own is None and alone else own


def _word(detail: Element, shared: _Entry, amount: Element | None) -> BankWord:
    references = _first(detail, "Refs")
    number = _text(references, "EndToEndId") if references is not None else ""
    own = _text(references, "AcctSvcrRef") if references is not None else ""
    side = _text(detail, "CdtDbtInd")
    returned = _first(detail, "RtrInf")
    reason = _text(returned, "Cd", deep=True) if returned is not None else ""
    cents = _cents(amount)
    incoming = side == "CRDT" if side else shared.incoming
    told = (own or shared.reference, number, str(cents), str(incoming), str(shared.booked_on))
    return BankWord(
        fingerprint=_digest("camt", *told, reason),
        number=_number(number),
        cents=cents,
        incoming=incoming or returned is not None or shared.turned_back,
        booked_on=shared.booked_on,
        reason=_code(reason),
    )


def _pain_002(root: Element) -> Iterator[BankWord]:
    """Transfers that the bank refuses; those it takes are said by camt.054."""
    made_on = _day(root, ("CreDtTm",))
    for one in _all(root, "TxInfAndSts"):
        if _text(one, "TxSts") != "RJCT":
            continue
        number = _text(one, "OrgnlEndToEndId")
        said = _first(one, "StsRsnInf")
        reason = _text(said, "Cd", deep=True) if said is not None else ""
        yield BankWord(
            fingerprint=_digest("pain.002", number, reason),
            number=_number(number),
            # Nothing moved: what was ordered is owed again, all of it.
            cents=0,
            incoming=False,
            booked_on=made_on,
            rejected=True,
            reason=_code(reason),
        )


def _cents(amount: Element | None) -> int:
    """Whole cents, without passing by a float. Raises FileError."""
    text = (amount.text or "").strip() if amount is not None else ""
    matched = _AMOUNT.fullmatch(text)
    if amount is None or matched is None or amount.get("Ccy", "EUR") != "EUR":
        raise FileError(f"An amount is not one of euros ({text[:20]!r}): nothing was read.")
    whole, part = matched[1], (matched[2] or "").ljust(_CENTS_DIGITS, "0")
    if part[_CENTS_DIGITS:].strip("0"):
        raise FileError(f"An amount has parts of a cent ({text!r}): nothing was read.")
    cents = int(whole) * 10**_CENTS_DIGITS + int(part[:_CENTS_DIGITS])
    if not cents:
        raise FileError("An amount is of nothing: nothing was read.")
    return cents


def _day(entry: Element, names: tuple[str, ...] = ("BookgDt", "ValDt")) -> date:
    for name in names:
        found = _first(entry, name)
        matched = _DAY.match("".join(found.itertext()).strip()) if found is not None else None
        if matched is not None:
            try:
                return date.fromisoformat(matched[0])
            except ValueError:
                break
    raise FileError("A line does not say its day: nothing was read.")


def _number(text: str) -> str:
    return "" if text == "NOTPROVIDED" or len(text) > NUMBER_LENGTH else text


def _code(text: str) -> str:
    return text if len(text) <= REASON_LENGTH and text.isalnum() and text.isascii() else ""


def _digest(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()


def _name(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]


def _all(node: Element, name: str) -> Iterator[Element]:
    return (found for found in node.iter() if _name(found) == name)


def _first(node: Element, name: str) -> Element | None:
    return next(_all(node, name), None)


def _child(node: Element, name: str) -> Element | None:
    return next((found for found in node if _name(found) == name), None)


def _text(node: Element, name: str, *, deep: bool = False) -> str:
    found = _first(node, name) if deep else _child(node, name)
    return (found.text or "").strip() if found is not None else ""
