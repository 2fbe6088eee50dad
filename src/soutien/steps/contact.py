"""Who somebody is while they wait or ask: a name to call them by and a way to reach them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from soutien.steps.errors import Refusal


@dataclass(frozen=True, slots=True)
class Contact:
    """No more than what an answer needs. ``name`` is whatever they want to be called."""

    name: str
    email: str = ""
    phone: str = ""
    language: str = "fr"
    discreet: bool = False


def reachable(contact: Contact) -> Contact:
    """The contact without stray spaces. Refuses ``contact_missing`` with the fields to fill."""
    clean = replace(
        contact,
        name=" ".join(contact.name.split()),
        email=contact.email.strip(),
        phone=" ".join(contact.phone.split()),
    )
    missing = [] if clean.name else ["name"]
    if not clean.email and not clean.phone:
        missing.append("email")
    if missing:
        raise Refusal("contact_missing", fields=tuple(missing))
    return clean
