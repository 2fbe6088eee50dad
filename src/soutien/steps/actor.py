"""Who takes a step, as the door knows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A role, and to whom it belongs.

    ``person_id`` is who signed in; ``on_behalf_of`` is whom they act for, in the role
    ``guardian``, and ``acts_as`` the relation by which they do. ``psychologist_id`` is whose
    agenda it is: a ``replacement`` carries that of the psychologist who is replaced.
    ``fund_code``, ``insurer_code`` and ``town_code`` say for whom an agent works.
    ``second_factor`` is true when one was given for this sitting.
    """

    role: str
    account_id: int | None = None
    person_id: int | None = None
    psychologist_id: int | None = None
    fund_code: str = ""
    on_behalf_of: int | None = None
    acts_as: str = "my_ward"
    insurer_code: str = ""
    town_code: str = ""
    second_factor: bool = False

    @property
    def side(self) -> str:
        """Whose part they play: a guardian the person's, a replacement the psychologist's."""
        return _SIDES.get(self.role, self.role)

    @property
    def about_person_id(self) -> int | None:
        """Whose year, bookings and claims these are: the child's, else one's own."""
        return self.person_id if self.on_behalf_of is None else self.on_behalf_of


_SIDES = {
    "guardian": "person",
    "replacement": "psychologist",
    "fund_supervisor": "fund_agent",
}
ANONYMOUS = Actor("anonymous")
# The product itself, when a courier or a timer takes a step.
SYSTEM = Actor("system")
