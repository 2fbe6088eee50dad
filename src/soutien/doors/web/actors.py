"""Who asks: the signed-in account, a browser that has just booked, or nobody in particular.

Booking needs no account: the browser's session then belongs to the person who was entered,
until it ends (twelve hours) or is forgotten. Whoever signed in may choose to act for a child, or
in a psychologist's place: the session keeps the wish, the registers are asked at every request.
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from soutien.registers.accounts.models import Account, Role
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.standing import Standing, standing

# Session keys.
VISITOR_PERSON = "visitor_person"
ACTING_FOR = "acting_for"
SECOND_FACTOR_AT = "second_factor_at"
_FOUND = "_soutien_standing"


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a request, for whom they act; a visitor who booked acts as that person."""
    return standing_of(request).actor


def standing_of(request: HttpRequest) -> Standing:
    """The actor with the name of whom they act for. What does not hold any more is forgotten."""
    own, chosen = own_actor_of(request), request.session.get(ACTING_FOR)
    if own.account_id is None or (chosen is None and own.role != Role.REPLACEMENT):
        return Standing(own)
    # Asked several times a request; the registers once.
    key = (own, chosen)
    found: tuple[object, Standing] | None = getattr(request, _FOUND, None)
    if found is None or found[0] != key:
        stands = standing(own, UUID(chosen) if chosen else None, timezone.localdate())
        found = (key, stands)
        setattr(request, _FOUND, found)
        if chosen and not stands.name:
            act_for(request, None)
    return found[1]


def own_actor_of(request: HttpRequest) -> Actor:
    """The actor as they are, for whomever they may act just now."""
    user = request.user
    if isinstance(user, Account) and user.is_authenticated:
        return Actor(
            role=user.role,
            account_id=user.pk,
            person_id=user.person_id,
            psychologist_id=user.psychologist_id,
            fund_code=user.fund_code,
            insurer_code=user.insurer_code,
            town_code=user.town_code,
            second_factor=SECOND_FACTOR_AT in request.session,
        )
    person_id = request.session.get(VISITOR_PERSON)
    if person_id is None:
        return ANONYMOUS
    return Actor(role=str(Role.PERSON), person_id=int(person_id))


def act_for(request: HttpRequest, chosen: UUID | None) -> None:
    """From now on this browser acts for them, or (None) for whoever signed in."""
    if chosen is None:
        request.session.pop(ACTING_FOR, None)
    else:
        request.session[ACTING_FOR] = str(chosen)


def is_visitor(request: HttpRequest) -> bool:
    """Whether the browser acts as a person who never signed in."""
    return not request.user.is_authenticated and VISITOR_PERSON in request.session


def remember_visitor(request: HttpRequest, person_id: int) -> None:
    """Tie the browser to the person who has just booked; the session gets a new name.

    Nothing changes for somebody who is signed in: their account says who they are.
    """
    if request.user.is_authenticated:
        return
    if request.session.get(VISITOR_PERSON) != person_id:
        # What was known of the browser before must not open what it may see from now on.
        request.session.cycle_key()
    request.session[VISITOR_PERSON] = person_id
