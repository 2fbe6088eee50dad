"""Who asks: the signed-in account, a browser that has just booked, or nobody in particular.

Booking needs no account: the browser's session then belongs to the person who was entered,
until it ends (twelve hours) or is forgotten.
"""

from __future__ import annotations

from django.http import HttpRequest

from soutien.registers.accounts.models import Account, Role
from soutien.steps.actor import ANONYMOUS, Actor

VISITOR_PERSON = "visitor_person"


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a request; a visitor who booked acts as that person, without an account."""
    user = request.user
    if isinstance(user, Account) and user.is_authenticated:
        return Actor(
            role=user.role,
            account_id=user.pk,
            person_id=user.person_id,
            psychologist_id=user.psychologist_id,
            fund_code=user.fund_code,
        )
    person_id = request.session.get(VISITOR_PERSON)
    if person_id is None:
        return ANONYMOUS
    return Actor(role=str(Role.PERSON), person_id=int(person_id))


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
