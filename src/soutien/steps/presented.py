"""Who somebody is, as a provider answers for it, and whether an account here can be theirs.

Never a guess: a person by strict traits, a psychologist by RPPS and profession, an agent by the
address an administrator gave and the organisation they work for.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from soutien.registers.accounts.models import Account, Role
from soutien.registers.identities import queries as identities
from soutien.registers.identities.models import ExternalIdentity
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import Psychologist
from soutien.rules.traits import Likeness, Recorded, Traits, likeness, nir_contradicts
from soutien.steps.errors import Refusal

PERSON, PSYCHOLOGIST, AGENT = "person", "psychologist", "agent"
ROLES_OF = {
    PERSON: {Role.PERSON, Role.GUARDIAN},
    PSYCHOLOGIST: {Role.PSYCHOLOGIST, Role.REPLACEMENT},
    AGENT: {
        *(Role.FUND_AGENT, Role.FUND_SUPERVISOR, Role.INSURER_AGENT),
        *(Role.TOWN_EDITOR, Role.TOWN_AUTHOR),
    },
}
# An account opened by an identity has no address of its own yet; nothing can arrive at this one.
NOWHERE = "@sans-adresse.invalid"


@dataclass(frozen=True, slots=True)
class Presented:
    """An identity whose every signature was checked. ``kind``: person, psychologist, agent."""

    kind: str
    provider: str
    issuer: str
    subject: str
    traits: Traits | None = None
    usual_name: str = ""
    email: str = ""
    rpps: str = ""
    is_psychologist: bool = False
    organisation: str = ""  # "fund:CODE", "insurer:CODE", "town:CODE"
    second_factor: bool = False

    def kept(self) -> dict[str, Any]:
        """As it is held for a few minutes."""
        return asdict(replace(self, traits=None)) | {
            "traits": None if self.traits is None else self.traits._asdict()
        }

    @staticmethod
    def of(kept: Mapping[str, Any]) -> Presented:
        """What ``kept`` gave."""
        traits = kept["traits"]
        whole = None
        if traits is not None:
            whole = Traits(**(traits | {"given_names": tuple(traits["given_names"])}))
        return Presented(**(dict(kept) | {"traits": whole}))


def nowhere() -> str:
    """An address for an account that has none: unique, and nobody's."""
    return f"{uuid.uuid4().hex}{NOWHERE}"


def recorded(person: Person) -> Recorded:
    """What the register of people holds of somebody."""
    return Recorded(person.family_name, person.given_name, person.birth_date, person.nir)


def whole_traits(presented: Presented) -> Traits:
    """The traits, with a name and a whole day of birth. Raises Refusal."""
    traits = presented.traits
    try:
        if traits and traits.family_name and traits.given_names:
            date.fromisoformat(traits.birth_date)
            return traits
    except ValueError:
        pass
    raise Refusal("identity_incomplete")


def refuse_unless_theirs(account: Account, presented: Presented) -> None:
    """Return when the account may be opened by this identity, once linked. Raises Refusal."""
    if not account.is_active:
        raise Refusal("identity_account_closed")
    if account.role not in ROLES_OF[presented.kind]:
        agent = presented.kind == AGENT
        raise Refusal("identity_no_agent_account" if agent else "identity_of_somebody_else")
    if presented.kind == PSYCHOLOGIST:
        refuse_unless_psychologist(presented)
        owner = Psychologist.objects.filter(pk=account.psychologist_id or 0).first()
        if owner is None or owner.rpps != presented.rpps:
            raise Refusal("identity_of_somebody_else")
    if presented.kind == AGENT and organisation_of(account) != presented.organisation:
        raise Refusal("identity_no_agent_account")
    if presented.kind == PERSON and account.person_id is not None:
        person = Person.objects.get(pk=account.person_id)
        if likeness(recorded(person), whole_traits(presented)) is Likeness.CONTRADICTED:
            raise Refusal("identity_of_somebody_else")


def refuse_unless_psychologist(presented: Presented) -> None:
    """Return for a psychologist with a number. Raises Refusal for any other profession."""
    if not presented.is_psychologist or not presented.rpps:
        raise Refusal("identity_not_psychologist")


def organisation_of(account: Account) -> str:
    """For whom an agent works, as an administrator wrote it: ``fund:CODE``. Empty: nobody."""
    for kind in ("fund", "insurer", "town"):
        code = getattr(account, f"{kind}_code")
        if code:
            return f"{kind}:{code}"
    return ""


def link(account: Account, presented: Presented, *, how: str, at: datetime) -> ExternalIdentity:
    """The link, with the traits of a person. Raises Refusal when either side has one already."""
    if identities.by_subject(presented.issuer, presented.subject) is not None:
        raise Refusal("identity_taken")
    if identities.at_issuer(account.pk, presented.issuer) is not None:
        raise Refusal("identity_already_linked")
    made = identities.add_link(
        provider=presented.provider,
        issuer=presented.issuer,
        subject=presented.subject,
        account_id=account.pk,
        linked_how=how,
        linked_at=at,
    )
    if presented.kind == PERSON and account.person_id is not None:
        traits = whole_traits(presented)
        identities.certify(
            made, person_id=account.person_id, **stored_traits(traits), certified_at=at
        )
    return made


def contradicts_certified(person_id: int, nir: str) -> bool:
    """Whether a NIR typed by hand says another sex, month or place than a provider did."""
    kept = identities.traits_of_person(person_id)
    if kept is None:
        return False
    traits = Traits(
        kept.family_name, tuple(kept.given_names), kept.birth_date, kept.sex, kept.birth_place
    )
    return nir_contradicts(nir, traits)


def stored_traits(traits: Traits) -> dict[str, Any]:
    """The columns of certified traits."""
    return traits._asdict() | {"given_names": list(traits.given_names)}
