"""What each kind of provider tells, in our words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from soutien.doors.identity_providers import AGENT, CITIZEN, PROFESSIONAL, Provider
from soutien.doors.web.identity.answers import Told
from soutien.rules.identifiers import rpps_holds, written
from soutien.rules.traits import FEMALE, MALE, Traits
from soutien.steps.presented import AGENT as AN_AGENT
from soutien.steps.presented import PERSON, PSYCHOLOGIST, Presented

# TRE_R95: the code of psychologists among the professions of the national directory.
PSYCHOLOGIST_CODE = "93"
# A national identifier of a professional: 8 and the RPPS.
_OF_RPPS = "8"
_NATIONAL_LENGTH = 12
FRANCE = "99100"
LONGEST = 200
EXERCISES_MOST = 50


def presented(told: Told, provider: Provider) -> Presented:
    """Who the provider says it is. What is missing stays empty: the steps refuse it."""
    of_everybody = {
        "provider": provider.name,
        "issuer": provider.issuer,
        "subject": told.subject,
        "second_factor": told.acr in provider.acr_second_factor,
    }
    return _READERS[provider.shape](told.claims, provider, of_everybody)


def _citizen(claims: Mapping[str, Any], provider: Provider, more: dict[str, Any]) -> Presented:
    traits = Traits(
        family_name=_text(claims, "family_name"),
        given_names=_given_names(claims),
        birth_date=_text(claims, "birthdate"),
        sex=_text(claims, "gender") if _text(claims, "gender") in {MALE, FEMALE} else "",
        birth_place=_birth_place(claims),
    )
    return Presented(
        PERSON,
        traits=traits,
        usual_name=_text(claims, "preferred_username"),
        email=_address(claims),
        **more,
    )


def _professional(
    claims: Mapping[str, Any], provider: Provider, more: dict[str, Any]
) -> Presented:
    professions = {_text(row, "codeProfession") for row in _exercises(claims)}
    return Presented(
        PSYCHOLOGIST,
        rpps=_rpps(claims),
        is_psychologist=PSYCHOLOGIST_CODE in professions,
        **more,
    )


def _agent(claims: Mapping[str, Any], provider: Provider, more: dict[str, Any]) -> Presented:
    siret = written(_text(claims, "siret"))
    checked = claims.get("email_verified", True) is True
    return Presented(
        AN_AGENT,
        email=_address(claims) if checked else "",
        organisation=provider.organisations.get(siret, ""),
        **more,
    )


_READERS = {CITIZEN: _citizen, PROFESSIONAL: _professional, AGENT: _agent}


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value.strip() if isinstance(value, str) and len(value) <= LONGEST else ""


def _given_names(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """All given names; one by one when the provider tells them so, else between spaces."""
    listed = claims.get("given_name_array")
    if isinstance(listed, list) and all(isinstance(name, str) for name in listed):
        return tuple(name.strip() for name in listed if name.strip())
    return tuple(_text(claims, "given_name").split())


def _birth_place(claims: Mapping[str, Any]) -> str:
    """The commune's code, or the country's for somebody born elsewhere."""
    country = _text(claims, "birthcountry")
    return _text(claims, "birthplace") or ("" if country == FRANCE else country)


def _address(claims: Mapping[str, Any]) -> str:
    address = _text(claims, "email")
    return address if "@" in address else ""


def _rpps(claims: Mapping[str, Any]) -> str:
    """The RPPS number: as it is given on its own, else after the 8 of a national identifier."""
    rows = claims.get("otherIds")
    others = rows if isinstance(rows, list) else []
    for row in others[:EXERCISES_MOST]:
        if isinstance(row, dict) and _text(row, "origine").upper() == "RPPS":
            given = written(_text(row, "identifiant"))
            return given if rpps_holds(given) else ""
    national = written(_text(claims, "SubjectNameID"))
    if len(national) == _NATIONAL_LENGTH and national.startswith(_OF_RPPS):
        number = national[1:]
        return number if rpps_holds(number) else ""
    return ""


def _exercises(claims: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    reference = claims.get("SubjectRefPro")
    rows = reference.get("exercices") if isinstance(reference, dict) else None
    for row in rows[:EXERCISES_MOST] if isinstance(rows, list) else []:
        if isinstance(row, dict):
            yield row
