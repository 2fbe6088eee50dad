"""What the parents of the demo's minors signed for each psychologist (R-035, R-036)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from soutien.doors.cli.demo_data import identifiers
from soutien.doors.cli.demo_data.chances import chance as chance_of
from soutien.doors.cli.demo_data.names import ORIGINS
from soutien.doors.cli.demo_data.people import Individual
from soutien.doors.cli.demo_data.plans import Plan
from soutien.doors.cli.demo_data.storing import store
from soutien.registers.audit import queries as audit
from soutien.registers.guardians.models import LINK, Holder, Signature
from soutien.registers.guardians.queries import EMAIL_INDEX
from soutien.registers.psychologists.models import Psychologist
from soutien.rules.consent import CARE, text_of
from soutien.steps import gather

_PARENTS = (0, 1)
# One child in so many has one parent who decides alone, by a decision that was seen.
_ALONE_EVERY = 9
# Named with the appointment; each then follows their own link, one after the other.
_NAMED, _LATER = timedelta(minutes=5), timedelta(minutes=25)
_ALL_SIGNED = _NAMED + 2 * _LATER


class _Begun(NamedTuple):
    """A minor, a psychologist, and when the first appointment with them was made."""

    individual: Individual
    psychologist: Psychologist
    booked_at: datetime


def store_agreements(plans: Sequence[Plan], at: datetime) -> None:
    """Who holds authority over each minor in care, and their word to each psychologist."""
    begun = [one for plan in plans for one in _begun(plan) if one.booked_at + _ALL_SIGNED <= at]
    first_of: dict[int, _Begun] = {}
    for one in begun:
        first_of.setdefault(one.individual.number, one)
    holders = {number: _holders(number, one) for number, one in first_of.items()}
    store(holder for found in holders.values() for holder in found)
    signatures = [
        _signature(holder, one) for one in begun for holder in holders[one.individual.number]
    ]
    store(signatures)
    audit.append(
        [
            audit.Line(
                at=row.said_at,
                actor_role="anonymous",
                actor_account=None,
                event="guardians.signature.given",
                object_kind="guardians.signature",
                object_id=str(row.pk),
                person_id=row.child_id,
            )
            for row in sorted(signatures, key=lambda row: row.said_at)
        ]
    )


def _begun(plan: Plan) -> list[_Begun]:
    met: dict[int, _Begun] = {}
    for item in plan.appointments:
        psychologist = item.when.practitioner.psychologist
        if item.outcome != "cancelled" and plan.individual.minor_on(item.when.day):
            met.setdefault(psychologist.pk, _Begun(plan.individual, psychologist, item.booked_at))
    return sorted(met.values(), key=lambda one: one.booked_at)


def _holders(number: int, one: _Begun) -> list[Holder]:
    chance = chance_of("parents", number)
    alone = number % _ALONE_EVERY == 0
    child, origin = one.individual.person, chance.choice(ORIGINS)
    named = one.booked_at + _NAMED
    made = []
    for rank in _PARENTS[: 1 if alone else 2]:
        given_name = chance.choice((origin.women, origin.men)[rank])
        email = f"parent-{number}-{rank}@{identifiers.DOMAIN}"
        made.append(
            Holder(
                public_id=identifiers.public_id("holder of", number, rank),
                child=child,
                seat=rank + 1,
                capacity="sole_authority" if alone else "parent",
                given_name=given_name,
                family_name=child.family_name,
                email=email,
                email_index=EMAIL_INDEX.index(email),
                language=child.language,
                proof="Jugement (démonstration)" if alone else "",
                proof_seen_at=named if alone else None,
                added_at=named,
                added_by="guardian",
            )
        )
    return made


def _signature(holder: Holder, one: _Begun) -> Signature:
    said_at = one.booked_at + _NAMED + _LATER * holder.seat
    return Signature(
        public_id=identifiers.public_id(
            "signature of", one.individual.number, holder.seat, one.psychologist.pk
        ),
        child=holder.child,
        holder=holder,
        psychologist=one.psychologist,
        matter=CARE,
        given=True,
        text_version=text_of(CARE).version,
        name=f"{holder.given_name} {holder.family_name}",
        how=LINK,
        signed_on=gather.civil_day(said_at, "Europe/Paris"),
        said_at=said_at,
        recorded_by="guardian",
    )
