"""From a claim as we keep it to an invoice: one session an invoice, in the codes of the payer."""

from __future__ import annotations

from typing import NamedTuple

from soutien.doors.files.b2.invoice import Act, Invoice
from soutien.doors.files.b2.write import Unwritable
from soutien.rules.codes import Coverage
from soutien.steps.returned import Billed


class Ground(NamedTuple):
    """Nature of insurance, exemption of the copayment, contract."""

    nature: str
    exemption: str = "0"
    contract: str = "00"


# Illness 10, local scheme 13, maternity 30, work accident 41; ALD 4, exempt by scheme 5; CSS 89.
GROUNDS = {
    Coverage.STANDARD_60_40: Ground("10"),
    Coverage.LOCAL_REGIME_90_10: Ground("13"),
    Coverage.FULL_COVERAGE_CSS: Ground("10", contract="89"),
    Coverage.FULL_COVERAGE_AME: Ground("10", "5"),
    Coverage.FULL_COVERAGE_ALD: Ground("10", "4"),
    Coverage.FULL_COVERAGE_MATERNITY: Ground("30"),
    Coverage.FULL_COVERAGE_AT_MP: Ground("41"),
    Coverage.FULL_COVERAGE_INVALIDITY: Ground("10", "5"),
}
FUND_CODE, NIR = 9, 15


def invoice_of(billed: Billed) -> Invoice:
    """The invoice of a claim. Raises Unwritable where something that it needs is not known."""
    if not billed.am_number:
        raise Unwritable("the psychologist has no AM number: the fund gives it")
    if len(billed.fund_code) != FUND_CODE or len(billed.nir) != NIR:
        raise Unwritable("the person's NIR or fund code is not known")
    ground = GROUNDS[Coverage(billed.coverage)]
    act = Act(
        on=billed.held_on,
        code=billed.act_code,
        fee_cents=billed.price_cents,
        amo_cents=billed.amo_cents,
        amc_cents=billed.amc_cents,
        unit_price_cents=billed.price_cents,
        base_cents=billed.price_cents,
        rate_percent=billed.amo_cents * 100 // billed.price_cents,
        executor=billed.am_number,
    )
    return Invoice(
        biller=billed.am_number,
        insured=billed.nir[:13],
        insured_key=billed.nir[13:],
        number=billed.number,
        regime=billed.fund_code[:2],
        caisse=billed.fund_code[2:5],
        centre=billed.fund_code[5:],
        nature=ground.nature,
        exemption=ground.exemption,
        contract=ground.contract,
        birth_date=billed.birth_date.replace("-", "")[2:],
        acts=(act,),
    )
