"""A device that makes and uses passkeys, honest unless told otherwise."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
)

PRESENT_AND_VERIFIED = 0x05
NEW_CREDENTIAL = 0x40
# The test client's host is "testserver": a name that a browser trusts needs HTTPS.
ORIGIN = "https://testserver"


@dataclass
class Device:
    """One private key; ``origin``, ``flags`` and ``host`` may lie."""

    origin: str = ORIGIN
    host: str = "testserver"
    flags: int = PRESENT_AND_VERIFIED
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))

    def make(self, options: str, **lies: str) -> str:
        """Answer the page that adds a passkey."""
        credential = AttestedCredentialData.create(
            Aaguid.NONE, self.credential_id, ES256.from_cryptography_key(self.key.public_key())
        )
        data = AuthenticatorData.create(
            self._host_digest(), self.flags | NEW_CREDENTIAL, self.count, bytes(credential)
        )
        client = self._client_data("webauthn.create", options, lies)
        attested = AttestationObject.create("none", data, {})
        return self._answer(clientDataJSON=client, attestationObject=bytes(attested))

    def sign(self, options: str, **lies: str) -> str:
        """Answer the page that asks for a passkey; counts once more."""
        self.count += 1
        data = AuthenticatorData.create(self._host_digest(), self.flags, self.count)
        client = self._client_data("webauthn.get", options, lies)
        signature = self.key.sign(bytes(data) + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=client, authenticatorData=bytes(data), signature=signature
        )

    def _host_digest(self) -> bytes:
        return sha256(self.host.encode()).digest()

    def _client_data(self, kind: str, options: str, lies: dict[str, str]) -> bytes:
        said = {
            "type": kind,
            "challenge": json.loads(options)["challenge"],
            "origin": self.origin,
            "crossOrigin": False,
        }
        return json.dumps(said | lies).encode()

    def _answer(self, **response: bytes) -> str:
        name = websafe_encode(self.credential_id)
        answer: dict[str, Any] = {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": {key: websafe_encode(value) for key, value in response.items()},
            "clientExtensionResults": {},
        }
        return json.dumps(answer)


def another_challenge() -> str:
    """A challenge that nobody asked."""
    return websafe_encode(os.urandom(32))
