"""An invoice in our words: what is billed for one insured person, and what it sums to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Act:
    """One act (a record of type 4). Amounts are whole cents."""

    on: date
    code: str
    fee_cents: int
    amo_cents: int
    amc_cents: int
    unit_price_cents: int
    base_cents: int
    rate_percent: int
    executor: str = ""
    prescriber: str = ""
    origin: str = ""
    exemption: str = ""
    treatment: str = ""
    discipline: str = ""
    prescriber_speciality: str = ""
    zone: str = ""
    executor_speciality: str = ""
    qualifier: str = ""
    quantity: int = 1
    coefficient_hundredths: int = 100
    count: int = 1


@dataclass(frozen=True, slots=True)
class Supplement:
    """What the head has no room for (2S): who is paid, and the declared doctor."""

    sequence: int = 1
    payee: str = ""
    nir: str = ""
    nir_key: str = ""
    doctor_flag: str = ""
    doctor_family_name: str = ""
    doctor_given_name: str = ""
    doctor_number: str = ""
    care_path: str = ""


@dataclass(frozen=True, slots=True)
class Invoice:
    """One insured, one biller, one nature of insurance.

    ``birth_date`` is six digits: the format says no century, and months of fictitious days exist.
    """

    biller: str
    insured: str
    insured_key: str
    number: str
    regime: str
    caisse: str
    centre: str
    nature: str
    birth_date: str
    acts: tuple[Act, ...]
    rank: int = 0
    operation: str = "1"
    entry_number: int = 0
    proof_of_rights: str = ""
    support_from: date | None = None
    support_to: date | None = None
    exemption: str = "0"
    accident: str = ""
    separate_amc: str = ""
    birth_rank: str = "1"
    entered_on: date | None = None
    left_on: date | None = None
    left_at_hour: str = ""
    contract: str = "00"
    complementary_body: str = ""
    editor: str = ""
    supplements: tuple[Supplement, ...] = field(default=())

    @property
    def fee_cents(self) -> int:
        return sum(act.fee_cents for act in self.acts)

    @property
    def amo_cents(self) -> int:
        return sum(act.amo_cents for act in self.acts)

    @property
    def amc_cents(self) -> int:
        return sum(act.amc_cents for act in self.acts)

    @property
    def insured_cents(self) -> int:
        """What the obligatory scheme leaves: the complementary insurer's part lies in it."""
        return self.fee_cents - self.amo_cents
