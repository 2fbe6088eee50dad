"""What the programme gives on a day, ready to be said in a page: every number from the terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from soutien.doors.web.components.beads import Beads, string_beads
from soutien.rules.calendar import civil_date
from soutien.rules.terms import Terms
from soutien.steps import gather

WHOLE_PERCENT = 100
ORNAMENT_SAG = 15.0


@dataclass(frozen=True)
class Programme:
    """The numbers that sentences name, on one day, as the funds apply them."""

    on: date
    terms: Terms

    @property
    def civil_year(self) -> int:
        return self.on.year

    @property
    def sessions(self) -> int:
        return self.terms.sessions_per_year_max

    @property
    def follow_ups(self) -> int:
        return self.terms.sessions_per_year_max - self.terms.evaluations_per_year_max

    @property
    def price_cents(self) -> int:
        return self.terms.evaluation_fee_cents

    @property
    def one_price(self) -> bool:
        return self.terms.evaluation_fee_cents == self.terms.follow_up_fee_cents

    @property
    def follow_up_price_cents(self) -> int:
        return self.terms.follow_up_fee_cents

    @property
    def fund_percent(self) -> int:
        return self.terms.amo_rate_percent

    @property
    def rest_percent(self) -> int:
        return WHOLE_PERCENT - self.terms.amo_rate_percent

    @property
    def age_years(self) -> int:
        return self.terms.age_years_min

    @property
    def majority_years(self) -> int:
        return self.terms.majority_age_years

    @property
    def letter_required(self) -> bool:
        return bool(self.terms.referral_required)

    @property
    def evaluation_in_person(self) -> bool:
        return bool(self.terms.evaluation_in_person)

    @property
    def evaluation_minutes(self) -> int:
        return self.terms.evaluation_minutes_max

    @property
    def follow_up_minutes(self) -> int:
        return self.terms.follow_up_minutes_max

    @property
    def lookback_years(self) -> int:
        return self.terms.psychiatric_lookback_years

    @property
    def claim_years(self) -> int:
        return self.terms.claim_years_max

    @property
    def amo_third_party_from(self) -> date:
        return civil_date(self.terms.amo_third_party_from)

    @property
    def share_advanced(self) -> bool:
        """Whether people still advance the share of the Assurance Maladie on that day."""
        return self.on < self.amo_third_party_from


def programme_on(day: date) -> Programme:
    """The programme on a day; a day before it opened is answered as its first day."""
    return Programme(day, gather.terms_on(day))


def ornament(programme: Programme, sentence: str) -> Beads:
    """The year the law gives, as a quiet hanging thread: the evaluation, then the rest."""
    return string_beads(
        [
            ("used" if number < programme.terms.evaluations_per_year_max else "booked", not number)
            for number in range(programme.sessions)
        ],
        refused=0,
        sentence=sentence,
        sag=ORNAMENT_SAG,
    )
