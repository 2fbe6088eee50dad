"""What passkeys sign (WebAuthn level 2), checked by the library of those who wrote the standard.

A challenge goes out with its state, which the browser's session keeps; the answer comes back as
JSON. Nothing here reads a table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)


class NotProved(Exception):
    """What the browser sent is no proof. Says nothing more, to anybody.

    Whatever reading it raises ends here: bytes from outside can break a reader in many ways.
    """


@dataclass(frozen=True, slots=True)
class Site:
    """Whom a passkey is for: the host, and the name that its device shows."""

    host: str
    name: str

    @property
    def server(self) -> Fido2Server:
        return Fido2Server(PublicKeyCredentialRpEntity(id=self.host, name=self.name))


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the browser is asked, as JSON, and what must be remembered until it answers."""

    options: str
    state: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewCredential:
    """The public half of a new passkey."""

    credential_id: bytes
    data: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class Signed:
    """A proof that holds."""

    credential_id: bytes
    sign_count: int


def asked_to_register(
    site: Site, *, handle: bytes, name: str, known: Iterable[bytes]
) -> Challenge:
    """Ask a device for a new passkey, other than those known (attested credential data)."""
    options, state = site.server.register_begin(
        PublicKeyCredentialUserEntity(id=handle, name=name, display_name=name),
        credentials=[AttestedCredentialData(data) for data in known],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Challenge(json.dumps(dict(options)["publicKey"]), state)


def registered(site: Site, state: Mapping[str, Any], answer: str) -> NewCredential:
    """The passkey that a device made. Raises NotProved."""
    try:
        response = RegistrationResponse.from_dict(json.loads(answer))
        made = site.server.register_complete(state, response)
    except Exception as error:
        raise NotProved from error
    if made.credential_data is None:
        raise NotProved
    credential = made.credential_data
    return NewCredential(credential.credential_id, bytes(credential), made.counter)


def asked_to_sign(site: Site, *, known: Iterable[bytes] | None) -> Challenge:
    """Ask for a signature by one of these passkeys; None: by any that the device knows us by."""
    options, state = site.server.authenticate_begin(
        credentials=None if known is None else [AttestedCredentialData(data) for data in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Challenge(json.dumps(dict(options)["publicKey"]), state)


def named_credential(answer: str) -> bytes:
    """The passkey that an answer names, proved or not. Raises NotProved."""
    try:
        return bytes(AuthenticationResponse.from_dict(json.loads(answer)).raw_id)
    except Exception as error:
        raise NotProved from error


def signed(site: Site, state: Mapping[str, Any], answer: str, *, credential: bytes) -> Signed:
    """The signature by this very passkey, given for this very challenge. Raises NotProved."""
    try:
        response = AuthenticationResponse.from_dict(json.loads(answer))
        site.server.authenticate_complete(state, [AttestedCredentialData(credential)], response)
        count = response.response.authenticator_data.counter
    except Exception as error:
        raise NotProved from error
    return Signed(bytes(response.raw_id), count)
