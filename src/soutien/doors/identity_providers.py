"""Who may answer for somebody's identity: the providers an operator has named.

``SOUTIEN_OPENID`` is the path of a TOML or JSON file (docs/identity.md). A shape says what kind of
provider it is and gives what its own documentation asks for; the file may say otherwise.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from soutien.doors.environment import SettingError
from soutien.doors.outside_address import THIS_MACHINE

CITIZEN, PROFESSIONAL, AGENT = "franceconnect", "pro_sante_connect", "proconnect"
# An establishment that does not exist, and the fund of the demo's agent.
DEMO_SIRET, DEMO_FUND = "00000000000000", "fund:019990069"
# Only signatures that a provider alone can make: never none, never a shared secret.
ALGORITHMS = {"ES256", "ES384", "RS256", "PS256", "EdDSA"}
TOKEN_AUTH = {"client_secret_post", "client_secret_basic"}
USERINFO = {"signed", "json"}
ORGANISATION_KINDS = {"fund", "insurer", "town"}
_NAME = re.compile(r"[a-z][a-z0-9-]{1,29}")
_SIRET = re.compile(r"[0-9]{14}")
SECRET_CHARACTERS_MIN = 16
_TWO_FACTOR_AGENT = (
    "eidas2",
    "eidas3",
    "https://proconnect.gouv.fr/assurance/self-asserted-2fa",
    "https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
)


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider, as the client speaks to it. Nothing here changes while the product runs."""

    name: str  # in our addresses
    shape: str
    label: str  # on the button
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    discovery: str = ""  # where it describes itself, when not at the usual place
    hosts: tuple[str, ...] = ()  # host or host:port, beside the issuer's own
    scopes: tuple[str, ...] = ("openid",)
    acr_values: tuple[str, ...] = ()  # what is asked for
    acr_accepted: tuple[str, ...] = ()  # what is enough
    acr_second_factor: tuple[str, ...] = ()  # what says that two factors were given
    acr_essential: bool = False  # asked for in ``claims`` too, as compulsory
    algorithms: tuple[str, ...] = ("ES256",)
    userinfo: str = "signed"
    token_auth: str = "client_secret_post"
    organisations: Mapping[str, str] = field(default_factory=dict)  # SIRET: "fund:CODE"
    logout: bool = True
    local: bool = False  # the demo's own, or on this machine: plain http will do
    pretend: bool = False  # the demo's own, answered inside this process

    @property
    def netlocs(self) -> frozenset[str]:
        """The only hosts that are spoken to."""
        return frozenset({urlsplit(self.issuer).netloc.lower(), *self.hosts})


_SHAPES: Mapping[str, Mapping[str, Any]] = {
    CITIZEN: {
        "scopes": (
            *("openid", "given_name", "family_name", "preferred_username", "birthdate"),
            *("gender", "birthplace", "birthcountry", "email"),
        ),
        "acr_values": ("eidas1",),
        "acr_accepted": ("eidas1", "eidas2", "eidas3"),
        "acr_second_factor": ("eidas2", "eidas3"),
        "algorithms": ("ES256",),
        "userinfo": "signed",
    },
    PROFESSIONAL: {
        "scopes": ("openid", "scope_all"),
        "acr_values": ("eidas1",),
        "acr_accepted": ("eidas1", "eidas2", "eidas3"),
        # It opens with a card or its application and their code only, and always says eidas1.
        "acr_second_factor": ("eidas1", "eidas2", "eidas3"),
        "algorithms": ("RS256",),
        "userinfo": "json",
    },
    AGENT: {
        "scopes": ("openid", "given_name", "usual_name", "email", "siret", "idp_id"),
        "acr_values": _TWO_FACTOR_AGENT,
        "acr_accepted": _TWO_FACTOR_AGENT,
        "acr_second_factor": _TWO_FACTOR_AGENT,
        "acr_essential": True,
        "algorithms": ("ES256", "RS256"),
        "userinfo": "signed",
    },
}
_LISTS = {
    *("hosts", "scopes", "acr_values", "acr_accepted", "acr_second_factor", "algorithms"),
}
_TEXTS = {"name", "shape", "label", "issuer", "client_id", "discovery", "userinfo", "token_auth"}
_SWITCHES = {"acr_essential", "logout"}
_FIELDS = _LISTS | _TEXTS | _SWITCHES | {"organisations", "client_secret_file"}


def identity_providers(*, local: bool) -> dict[str, Provider]:
    """The providers of the file that SOUTIEN_OPENID names, by name; none when it is not set.

    ``local`` allows plain http to this machine. Raises SettingError, naming what to mend.
    """
    path = os.environ.get("SOUTIEN_OPENID", "").strip()
    if not path:
        return {}
    found: dict[str, Provider] = {}
    for row in _rows(Path(path)):
        provider = provider_of(row, local=local, folder=Path(path).parent)
        if provider.name in found or any(
            provider.issuer == other.issuer for other in found.values()
        ):
            raise _wrong(provider.name, "its name and its issuer are used once only")
        found[provider.name] = provider
    return found


def provider_of(row: Mapping[str, Any], *, local: bool, folder: Path) -> Provider:
    """One provider from its table in the file. Raises SettingError."""
    name = str(row.get("name", ""))
    if not _NAME.fullmatch(name):
        raise _wrong(name or "?", "name is 2 to 30 small letters, figures and hyphens")
    unknown = sorted(set(row) - _FIELDS)
    if unknown:
        raise _wrong(name, f"{unknown[0]} is not known")
    shape = str(row.get("shape", ""))
    if shape not in _SHAPES:
        raise _wrong(name, f"shape is one of {', '.join(_SHAPES)}")
    values: dict[str, Any] = {"label": name, **_SHAPES[shape], **_typed(name, row)}
    for needed in ("issuer", "client_id"):
        if not values.get(needed):
            raise _wrong(name, f"{needed} is missing")
    values["client_secret"] = _secret(name, row, folder)
    made = Provider(**values, local=local and _of_this_machine(values["issuer"]))
    _check(made)
    return made


def pretend_providers(*, address: str, secret: str) -> dict[str, Provider]:
    """The demo's own three, one of each shape."""
    rows: list[tuple[str, str, dict[str, Any]]] = [
        ("citoyen-simule", CITIZEN, {"label": "FranceConnect simulé"}),
        ("soignant-simule", PROFESSIONAL, {"label": "Pro Santé Connect simulé"}),
        (
            "agent-simule",
            AGENT,
            {"label": "ProConnect simulé", "organisations": {DEMO_SIRET: DEMO_FUND}},
        ),
    ]
    return {
        name: pretend_provider(name, shape, address=address, secret=secret, **more)
        for name, shape, more in rows
    }


def pretend_provider(name: str, shape: str, *, address: str, secret: str, **more: Any) -> Provider:
    """One of the demo's own providers, under ``address`` in this same process."""
    made = Provider(
        name=name,
        issuer=f"{address}/dev/fournisseur/{name}",
        client_id=f"soutien-{name}",
        client_secret=hashlib.sha256(f"{name}\0{secret}".encode()).hexdigest(),
        shape=shape,
        **{"label": name, **_SHAPES[shape], **more},
        local=True,
        pretend=True,
    )
    return replace(made, algorithms=("ES256",))


def _rows(path: Path) -> list[Mapping[str, Any]]:
    try:
        text = path.read_text()
    except (OSError, UnicodeError) as error:
        raise SettingError(
            f"SOUTIEN_OPENID names {path}, which cannot be read ({error}). Give the path of a "
            "TOML or JSON file that this user may read."
        ) from error
    try:
        document = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise SettingError(f"{path} cannot be understood: {error}.") from error
    rows = document.get("provider") if isinstance(document, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SettingError(f"{path}: write one [[provider]] table a provider.")
    return rows


def _typed(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in row.items():
        if key in _TEXTS and isinstance(value, str):
            values[key] = value.strip()
        elif key in _SWITCHES and isinstance(value, bool):
            values[key] = value
        elif key in _LISTS and _is_list_of_texts(value):
            values[key] = tuple(value)
        elif key == "organisations" and isinstance(value, dict):
            values[key] = {str(siret): str(code) for siret, code in value.items()}
        elif key != "client_secret_file":
            raise _wrong(name, f"{key} has a value of the wrong kind")
    return values


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def _secret(name: str, row: Mapping[str, Any], folder: Path) -> str:
    given = row.get("client_secret_file")
    if not isinstance(given, str):
        raise _wrong(name, "client_secret_file is missing: the secret stands in a file of its own")
    try:
        secret = (folder / given).read_text().strip()
    except (OSError, UnicodeError) as error:
        raise _wrong(name, f"client_secret_file {given} cannot be read") from error
    if len(secret) < SECRET_CHARACTERS_MIN:
        raise _wrong(
            name, f"the client's secret has fewer than {SECRET_CHARACTERS_MIN} characters"
        )
    return secret


def _of_this_machine(address: str) -> bool:
    return (urlsplit(address).hostname or "") in THIS_MACHINE


def _check(provider: Provider) -> None:
    for address in filter(None, (provider.issuer, provider.discovery)):
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and provider.local):
            raise _wrong(provider.name, f"{address} is not an https address")
        if not parts.hostname or parts.username or parts.query or parts.fragment:
            raise _wrong(provider.name, f"{address} is not a plain address")
        if parts.netloc.lower() not in provider.netlocs:
            raise _wrong(provider.name, f"the host of {address} is not among hosts")
    checks = {
        "algorithms": set(provider.algorithms) <= ALGORITHMS and provider.algorithms,
        "userinfo": provider.userinfo in USERINFO,
        "token_auth": provider.token_auth in TOKEN_AUTH,
        "scopes": "openid" in provider.scopes,
        "acr_accepted": provider.acr_accepted,
        "acr_second_factor": set(provider.acr_second_factor) <= set(provider.acr_accepted),
        "hosts": all(host == host.lower() and "/" not in host for host in provider.hosts),
        "organisations": all(
            _SIRET.fullmatch(siret) and code.partition(":")[0] in ORGANISATION_KINDS
            for siret, code in provider.organisations.items()
        ),
    }
    for name, holds in checks.items():
        if not holds:
            raise _wrong(provider.name, f"{name} cannot be used as it is")


def _wrong(name: str, sentence: str) -> SettingError:
    return SettingError(f"SOUTIEN_OPENID, provider {name}: {sentence}. See docs/identity.md.")
