"""The identities that can be tried in the demo: those of its accounts, and some that are refused.

They are made from the demo's own rows, so that they stay right whatever the demo is made of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from soutien.doors.identity_providers import AGENT, CITIZEN, Provider
from soutien.doors.web.identity.reading import FRANCE, PSYCHOLOGIST_CODE
from soutien.registers.accounts.models import Account
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import Psychologist
from soutien.rules.traits import SEX_IN_NIR
from soutien.steps.presented import AGENT as AN_AGENT
from soutien.steps.presented import PERSON, PSYCHOLOGIST, ROLES_OF, organisation_of

SHOWN = 4
# Numbers with a right key that no real professional can have: they begin with 00.
RPPS_OF_A_DOCTOR, RPPS_OF_A_STRANGER = "00999999998", "00999999881"
DOCTOR_CODE = "10"
ONE_FACTOR = "https://proconnect.gouv.fr/assurance/self-asserted"


@dataclass(frozen=True, slots=True)
class PretendIdentity:
    """One made-up identity: what the page says of it, and what the provider tells."""

    key: str
    name: str
    says: str
    claims: dict[str, Any]
    acr: str


def identities_of(provider: Provider) -> list[PretendIdentity]:
    """The identities a provider of the demo can answer for."""
    acr = provider.acr_values[0]
    if provider.shape == CITIZEN:
        return [*_citizens(acr), _stranger(acr)]
    if provider.shape == AGENT:
        return [*_agents(provider, acr), *_other_agents(provider, acr)]
    return [*_cards(acr), *_other_cards(acr)]


def _accounts(kind: str) -> list[Account]:
    rows = Account.objects.filter(is_active=True, role__in=ROLES_OF[kind])
    return list(rows.order_by("id")[:SHOWN])


def _citizens(acr: str) -> Iterable[PretendIdentity]:
    for account in _accounts(PERSON):
        person = Person.objects.filter(pk=account.person_id or 0).first()
        if person is None or not person.nir:
            continue
        claims = {
            "sub": f"citizen-{person.public_id.hex}",
            "given_name": person.given_name,
            "given_name_array": [person.given_name],
            "family_name": person.family_name.upper(),
            "birthdate": person.birth_date,
            "gender": SEX_IN_NIR[person.nir[0]],
            "birthplace": person.nir[5:10],
            "birthcountry": FRANCE,
            "email": person.email,
        }
        name = f"{person.given_name} {person.family_name}"
        yield PretendIdentity(person.public_id.hex, name, _("A déjà un dossier ici."), claims, acr)


def _stranger(acr: str) -> PretendIdentity:
    claims = {
        "sub": "citizen-stranger",
        "given_name": "Dominique Andrée",
        "given_name_array": ["Dominique", "Andrée"],
        "family_name": "NOUVEAU",
        "birthdate": "1988-02-09",
        "gender": "female",
        "birthplace": "00001",
        "birthcountry": FRANCE,
        "email": "dominique@exemple.test",
    }
    return PretendIdentity(
        "stranger", "Dominique Nouveau", _("N’est jamais venue : aucun dossier."), claims, acr
    )


def _cards(acr: str) -> Iterable[PretendIdentity]:
    for account in _accounts(PSYCHOLOGIST):
        owner = Psychologist.objects.filter(pk=account.psychologist_id or 0).first()
        if owner is not None:
            name = f"{owner.given_name} {owner.family_name}"
            yield PretendIdentity(
                owner.public_id.hex,
                name,
                _("Psychologue partenaire."),
                _card(owner.rpps, name, PSYCHOLOGIST_CODE),
                acr,
            )


def _other_cards(acr: str) -> Iterable[PretendIdentity]:
    yield PretendIdentity(
        "doctor",
        "Claude Médecin",
        _("Médecin : une autre profession, donc refusée ici."),
        _card(RPPS_OF_A_DOCTOR, "Claude Médecin", DOCTOR_CODE),
        acr,
    )
    yield PretendIdentity(
        "outside",
        "Alix Ailleurs",
        _("Psychologue qui n’est pas partenaire : refusé ici."),
        _card(RPPS_OF_A_STRANGER, "Alix Ailleurs", PSYCHOLOGIST_CODE),
        acr,
    )


def _card(rpps: str, name: str, profession: str) -> dict[str, Any]:
    given_name, _space, family_name = name.partition(" ")
    return {
        "sub": f"card-{rpps}",
        "SubjectNameID": f"8{rpps}",
        "SubjectOrganization": "CABINET DE DÉMONSTRATION",
        "given_name": given_name,
        "family_name": family_name.upper(),
        "otherIds": [{"identifiant": rpps, "origine": "RPPS", "qualite": 1}],
        "SubjectRefPro": {"exercices": [{"codeProfession": profession, "activities": []}]},
    }


def _agents(provider: Provider, acr: str) -> Iterable[PretendIdentity]:
    sirets = {code: siret for siret, code in provider.organisations.items()}
    for account in _accounts(AN_AGENT):
        siret = sirets.get(organisation_of(account))
        if siret:
            yield PretendIdentity(
                account.public_id.hex,
                account.display_name,
                _("Agent dont l’accès est préparé."),
                _desk(account.public_id.hex, account.email, siret),
                acr,
            )


def _other_agents(provider: Provider, acr: str) -> Iterable[PretendIdentity]:
    siret = next(iter(provider.organisations), "")
    email = "sans.compte@exemple.test"
    yield PretendIdentity(
        "nobody",
        "Maxime Sanscompte",
        _("Agent sans accès préparé : refusé ici."),
        _desk("nobody", email, siret),
        acr,
    )
    for account in _accounts(AN_AGENT)[:1]:
        yield PretendIdentity(
            "one-factor",
            account.display_name,
            _("Connecté avec un seul facteur : refusé ici."),
            _desk(account.public_id.hex, account.email, siret),
            ONE_FACTOR,
        )


def _desk(subject: str, email: str, siret: str) -> dict[str, Any]:
    return {
        "sub": f"agent-{subject}",
        "email": email,
        "given_name": "Agent",
        "usual_name": "DÉMONSTRATION",
        "siret": siret,
        "idp_id": "00000000-0000-4000-8000-000000000000",
    }
