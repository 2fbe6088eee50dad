"""The other side, played: a payer that accepts, refuses, delays, sends twice and sends half.

It answers invoices as it finds them, the same way for the same ``seed``. For the demo and for
tests: what a real payer answers is for real payers to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from soutien.doors.files.b2.invoice import Invoice
from soutien.doors.files.returns import b2_return
from soutien.steps.returned import PayerLine, Says

# What a payer says of a refusal, in its own codes and words.
WHY = (("105", "ASSURE INCONNU"), ("213", "TARIF NON CONFORME"), ("330", "DROITS NON OUVERTS"))
LATE_BY = timedelta(days=21)


class Habits(NamedTuple):
    """How often, in percent of the invoices, a payer does not simply pay."""

    refuses: float = 1.0
    pays_wrong: float = 0.5
    withholds: float = 2.0
    repeats: float = 1.0
    pays_half: float = 1.0


class Played(NamedTuple):
    """What is sent at once, and what comes later: payments of what was withheld."""

    at_once: tuple[bytes, ...]
    later: tuple[bytes, ...]


def played(
    invoices: Iterable[Invoice], habits: Habits, *, on: date, seed: int, lot: int = 1
) -> Played:
    """A payer's answer to each invoice; an amount is never more than what was billed."""
    chance = Random(seed)
    at_once: list[bytes] = []
    later: list[bytes] = []
    for invoice in invoices:
        paid = _line(invoice, Says.PAID, on, lot)
        draw = chance.random() * 100
        if draw < (limit := habits.refuses):
            code, label = chance.choice(WHY)
            at_once.append(b2_return.written(_line(invoice, Says.REFUSED, on, lot, code, label)))
        elif draw < (limit := limit + habits.withholds):
            held = _line(invoice, Says.WITHHELD, on, lot, "900", "EN ATTENTE")
            at_once.append(b2_return.written(held))
            later.append(b2_return.written(_line(invoice, Says.PAID, on + LATE_BY, lot + 1)))
        elif draw < (limit := limit + habits.pays_wrong):
            less = max(0, paid.paid_amo_cents - chance.randint(1, 999))
            at_once.append(b2_return.written(paid._replace(paid_amo_cents=less)))
        elif draw < (limit := limit + habits.pays_half):
            half = _only_amo(paid)
            at_once.append(b2_return.written(half))
        elif draw < limit + habits.repeats:
            at_once += [b2_return.written(paid)] * 2
        else:
            at_once.append(b2_return.written(paid))
    return Played(tuple(at_once), tuple(later))


def _line(
    invoice: Invoice, says: Says, on: date, lot: int, code: str = "", label: str = ""
) -> PayerLine:
    paid = says is Says.PAID
    return PayerLine(
        key="",
        says=says,
        amo=True,
        amc=bool(invoice.amc_cents),
        invoice=invoice.number,
        insured=invoice.insured + invoice.insured_key,
        billed_amo_cents=invoice.amo_cents,
        billed_amc_cents=invoice.amc_cents,
        paid_amo_cents=invoice.amo_cents if paid else 0,
        paid_amc_cents=invoice.amc_cents if paid else 0,
        invoiced_on=max(act.on for act in invoice.acts),
        accounted_on=on,
        code=code,
        label=label,
        lot=f"{lot % 1000:03d}",
        payer=invoice.regime + invoice.caisse + invoice.centre,
    )


def _only_amo(paid: PayerLine) -> PayerLine:
    """The obligatory part alone: of the other one nothing is said."""
    return paid._replace(amc=False, billed_amc_cents=0, paid_amc_cents=0)
