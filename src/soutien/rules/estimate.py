"""What will I pay? The same decision, asked for a session that has not happened yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from soutien.rules.answer import Answer, answer
from soutien.rules.calendar import add_years, civil_date, day_number
from soutien.rules.codes import (
    ExemptionKind,
    Kind,
    LinkedTo,
    Modality,
    Practice,
    Profile,
    Referrer,
    Regime,
)
from soutien.rules.dossier import (
    Agreement,
    ClaimedSession,
    Dossier,
    Exemption,
    PastSession,
    Person,
    Psychologist,
    Referral,
)
from soutien.rules.terms import Law

_ANYBODY = "psychologist"
_LINKS = {
    LinkedTo.ALD: ExemptionKind.ALD,
    LinkedTo.MATERNITY: ExemptionKind.MATERNITY,
    LinkedTo.AT_MP: ExemptionKind.AT_MP,
}


@dataclass(frozen=True, slots=True)
class Situation:
    """What a person tells about themselves to know what they will pay.

    ``linked_to`` means both that the exemption is open and that the session is linked to it.
    """

    regime: Regime = Regime.GENERAL
    amc: bool = True
    css: bool = False
    css_ended_less_than_a_year_ago: bool = False
    ame: bool = False
    invalidity: bool = False
    linked_to: LinkedTo = LinkedTo.NONE
    health_centre: bool = False
    third_party_offered: bool = False


def _exemptions(situation: Situation, on: date) -> tuple[Exemption, ...]:
    flags = {
        ExemptionKind.CSS: situation.css,
        ExemptionKind.AME: situation.ame,
        ExemptionKind.INVALIDITY: situation.invalidity,
    }
    held = [kind for kind, held in flags.items() if held]
    linked = _LINKS.get(situation.linked_to)
    held += [linked] if linked is not None else []
    exemptions = [Exemption(kind, on, on) for kind in held]
    if situation.css_ended_less_than_a_year_ago and not situation.css:
        yesterday = civil_date(day_number(on) - 1)
        exemptions.append(Exemption(ExemptionKind.CSS, yesterday, yesterday))
    return tuple(exemptions)


def estimate(
    on: date,
    situation: Situation,
    law: Law,
    *,
    kind: Kind = Kind.EVALUATION,
    profile: Profile = Profile.OPERATIONAL,
) -> Answer:
    """The decision on a session that would go well on a day, for a situation.

    Everything that is not about money is taken as in order: the price is the tariff, the
    psychologist is a partner, the letter is there where one is required. A day before the
    programme is answered as refused, with its reason.
    """
    terms = law.at_session(day_number(on), profile)
    price = terms.evaluation_fee_cents if kind is Kind.EVALUATION else terms.follow_up_fee_cents
    person = Person(
        birth_date=civil_date(add_years(day_number(on), -2 * terms.majority_age_years)),
        regime=Regime.NONE if situation.ame else situation.regime,
        amc=situation.amc,
        exemptions=_exemptions(situation, on),
    )
    practice = Practice.CDS if situation.health_centre else Practice.LIBERAL
    opened_on = civil_date(day_number(on) - 1)
    opened = (PastSession(opened_on, Kind.EVALUATION, _ANYBODY),)
    dossier = Dossier(
        person=person,
        psychologists={_ANYBODY: Psychologist((Agreement(opened_on),), practice=practice)},
        claim=ClaimedSession(
            held_on=on,
            kind=kind,
            modality=Modality.IN_PERSON,
            psychologist=_ANYBODY,
            price_cents=price,
            linked_to=situation.linked_to,
            third_party_requested=situation.third_party_offered,
        ),
        history=opened if kind is Kind.FOLLOW_UP else (),
        referral=Referral(opened_on, Referrer.GP),
        profile=profile,
    )
    return answer(dossier, law)
