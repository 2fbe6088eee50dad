"""A provider that keeps nothing: its codes and tokens carry what they stand for, sealed.

It is strict where real ones are: redirect address, PKCE, client, one use of a code, short lives.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws
from joserfc.jwk import ECKey

from soutien.doors.identity_providers import Provider
from soutien.doors.web.identity.asking import challenge
from soutien.doors.web.identity.fetching import Reply
from soutien.sealing import SealingError, seal, unseal

CODE_SECONDS, ACCESS_SECONDS, ID_SECONDS = 30, 60, 300
ALGORITHM = "ES256"
USED_MOST = 10_000
# Of state, nonce and challenge, in characters: shorter ones could be guessed.
SHORTEST_RANDOM = 32
OK, BAD_REQUEST, UNAUTHORIZED, NOT_FOUND = 200, 400, 401, 404
# The order of the curve P-256, less one: a private key is 1 to this.
_CURVE = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550
_used: dict[str, None] = {}


class Refused(Exception):
    """What the provider does not accept; the message is its own error code."""


@dataclass
class PretendProvider:
    """One provider, seen from its own side. ``allowed`` are the only places it sends back to."""

    provider: Provider
    redirect_uri: str
    farewell_uri: str
    clock: Callable[[], float] = time.time
    key: ECKey = field(init=False)

    def __post_init__(self) -> None:
        self.key = _key_of(self.provider)

    # What it publishes

    def description(self) -> dict[str, Any]:
        """Its own description of itself."""
        issuer = self.provider.issuer
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/jwks",
            "end_session_endpoint": f"{issuer}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def keys(self) -> dict[str, Any]:
        """Its public keys."""
        return {"keys": [self.key.as_dict(private=False, use="sig", alg=ALGORITHM)]}

    # What a browser does

    def checked_request(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """What our client asked for. Raises Refused."""
        wanted = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": self.redirect_uri,
            "code_challenge_method": "S256",
        }
        for name, value in wanted.items():
            if parameters.get(name) != value:
                raise Refused(f"invalid_{name}")
        for name in ("state", "nonce", "code_challenge"):
            if len(parameters.get(name, "")) < SHORTEST_RANDOM:
                raise Refused(f"invalid_{name}")
        if "openid" not in parameters.get("scope", "").split():
            raise Refused("invalid_scope")
        return {name: parameters[name] for name in ("state", "nonce", "code_challenge")}

    def answer_address(
        self, request: Mapping[str, str], claims: Mapping[str, Any], acr: str
    ) -> str:
        """Where the browser is sent back to with a code for this identity."""
        code = self._sealed(
            "code",
            CODE_SECONDS,
            claims=dict(claims),
            acr=acr,
            nonce=request["nonce"],
            challenge=request["code_challenge"],
            once=secrets.token_urlsafe(16),
        )
        return self._back(code=code, state=request["state"], iss=self.provider.issuer)

    def declined_address(self, request: Mapping[str, str]) -> str:
        """Where the browser is sent back to by somebody who does not go on."""
        return self._back(error="access_denied", state=request["state"], iss=self.provider.issuer)

    def farewell_address(self, parameters: Mapping[str, str]) -> str:
        """Where the browser is sent back to after signing out. Raises Refused."""
        if parameters.get("post_logout_redirect_uri") != self.farewell_uri:
            raise Refused("invalid_post_logout_redirect_uri")
        try:
            found = jws.deserialize_compact(
                parameters.get("id_token_hint", ""), self.key, algorithms=[ALGORITHM]
            )
            hinted = json.loads(found.payload)
        except Exception as error:
            raise Refused("invalid_id_token_hint") from error
        if hinted.get("aud") != self.provider.client_id:
            raise Refused("invalid_id_token_hint")
        return f"{self.farewell_uri}?{urlencode({'state': parameters.get('state', '')})}"

    # What our client does

    def reply(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> Reply:
        """The answer to one request of the client."""
        if (method, path) == ("GET", "/.well-known/openid-configuration"):
            return _json(self.description())
        if (method, path) == ("GET", "/jwks"):
            return _json(self.keys())
        try:
            if (method, path) == ("POST", "/token"):
                return _json(self.tokens(headers, body or b""))
            if (method, path) == ("GET", "/userinfo"):
                return self.userinfo(headers)
        except Refused as refused:
            return _json({"error": str(refused)}, BAD_REQUEST)
        return _json({"error": "not_found"}, NOT_FOUND)

    def tokens(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """The tokens for a code, once. Raises Refused."""
        form = {name: values[0] for name, values in parse_qs(body.decode("ascii")).items()}
        self._check_client(headers, form)
        grant = self._opened("code", form.get("code", ""))
        if form.get("redirect_uri") != self.redirect_uri:
            raise Refused("invalid_redirect_uri")
        if not hmac.compare_digest(challenge(form.get("code_verifier", "")), grant["challenge"]):
            raise Refused("invalid_code_verifier")
        if grant["once"] in _used:
            raise Refused("invalid_grant")
        _used[grant["once"]] = None
        while len(_used) > USED_MOST:
            _used.pop(next(iter(_used)))
        access_token = self._sealed("access", ACCESS_SECONDS, claims=grant["claims"])
        return {
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "access_token": access_token,
            "id_token": self.signed(self.id_content(grant, access_token)),
        }

    def id_content(self, grant: Mapping[str, Any], access_token: str) -> dict[str, Any]:
        """What an ID token says."""
        now = int(self.clock())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        return {
            "iss": self.provider.issuer,
            "aud": self.provider.client_id,
            "sub": grant["claims"]["sub"],
            "iat": now,
            "exp": now + ID_SECONDS,
            "nonce": grant["nonce"],
            "acr": grant["acr"],
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        }

    def userinfo(self, headers: Mapping[str, str]) -> Reply:
        """What is told for an access token, signed or not as this provider does. Raises."""
        scheme, _space, token = headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            raise Refused("invalid_token")
        claims = self._opened("access", token)["claims"]
        if self.provider.userinfo == "json":
            return _json(claims)
        now = int(self.clock())
        of_ours = {
            "iss": self.provider.issuer,
            "aud": self.provider.client_id,
            "iat": now,
            "exp": now + ACCESS_SECONDS,
        }
        return Reply(OK, "application/jwt", self.signed({**claims, **of_ours}).encode())

    def signed(self, content: Mapping[str, Any]) -> str:
        """A token of this provider."""
        header = {"alg": ALGORITHM, "kid": self.key.kid, "typ": "JWT"}
        return jws.serialize_compact(header, json.dumps(content), self.key, algorithms=[ALGORITHM])

    def _check_client(self, headers: Mapping[str, str], form: Mapping[str, str]) -> None:
        name, secret = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _space, pair = headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            name, _colon, secret = base64.b64decode(pair).decode().partition(":")
            name, secret = unquote_plus(name), unquote_plus(secret)
        right = hmac.compare_digest(secret.encode(), self.provider.client_secret.encode())
        if name != self.provider.client_id or not right:
            raise Refused("invalid_client")

    def _sealed(self, kind: str, seconds: int, **content: Any) -> str:
        content |= {"ends": self.clock() + seconds}
        sealed = seal(json.dumps(content), f"pretend.{self.provider.name}", kind)
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def _opened(self, kind: str, text: str) -> dict[str, Any]:
        try:
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            content: dict[str, Any] = json.loads(
                unseal(sealed, f"pretend.{self.provider.name}", kind)
            )
        except (SealingError, ValueError) as error:
            raise Refused("invalid_grant") from error
        if self.clock() >= content["ends"]:
            raise Refused("invalid_grant")
        return content

    def _back(self, **parameters: str) -> str:
        return f"{self.redirect_uri}?{urlencode(parameters)}"


def _json(content: Mapping[str, Any], status: int = OK) -> Reply:
    return Reply(status, "application/json", json.dumps(content).encode())


def _key_of(provider: Provider) -> ECKey:
    """The same key in every process, made from the client's secret: this is a demo."""
    derived = HKDF(SHA256(), length=48, salt=None, info=b"pretend provider").derive(
        f"{provider.name}\0{provider.client_secret}".encode()
    )
    number = int.from_bytes(derived, "big") % _CURVE + 1
    pem = ec.derive_private_key(number, ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    key = ECKey.import_key(pem)
    key.ensure_kid()
    return key
