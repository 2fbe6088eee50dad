"""What a provider publishes about itself: its endpoints and its keys, kept for a while.

Keys change without notice, so an unknown one is looked for again; but not more often than once
in a while, or anybody could make us ask without end.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key

from soutien.doors.identity_providers import Provider
from soutien.doors.web.identity.fetching import OK, Reply, checked_endpoint
from soutien.doors.web.identity.wrong import WrongAnswer

# Asks a provider: method, address, headers, body.
Ask = Callable[..., Reply]

KEPT_SECONDS = 3600.0
AGAIN_AFTER_SECONDS = 30.0
KEYS_MOST = 40
RSA_BITS_MIN = 2048
WELL_KNOWN = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


def json_object(content: bytes, wrong: str) -> dict[str, Any]:
    """A JSON object that says everything once. Raises WrongAnswer with the code ``wrong``."""
    try:
        found = json.loads(
            content.decode("utf-8"), object_pairs_hook=_said_once, parse_constant=_no_number
        )
    except (ValueError, RecursionError) as error:
        raise WrongAnswer(wrong) from error
    if not isinstance(found, dict):
        raise WrongAnswer(wrong)
    return found


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("said twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(name)


@dataclass(slots=True)
class Published:
    """One provider's description and keys, as last fetched. Shared by the threads of a process."""

    provider: Provider
    ask: Ask
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _described_at: float | None = None
    _failed_at: float | None = None
    _description: Mapping[str, Any] = field(default_factory=dict)
    _keys_at: float | None = None
    _keys: Mapping[str, Key] = field(default_factory=dict)

    def endpoint(self, name: str) -> str:
        """The address of an endpoint, on one of the provider's hosts. Raises WrongAnswer."""
        address = self.described().get(name)
        if not isinstance(address, str):
            raise WrongAnswer("endpoint_missing")
        return checked_endpoint(self.provider, address)

    def described(self) -> Mapping[str, Any]:
        """The provider's own description of itself. Raises WrongAnswer."""
        with self._lock:
            if not self._fresh(self._described_at):
                if not self._may_ask_again(self._failed_at):
                    # It did not answer a moment ago: nobody waits for it again yet.
                    raise WrongAnswer("unreachable", silent=True)
                self._failed_at = self.clock()
                self._description = self._fetched_description()
                self._described_at, self._failed_at = self.clock(), None
            return self._description

    def key(self, kid: str, algorithm: str) -> Key:
        """The key of this id, fetched again when it is not known. Raises WrongAnswer."""
        address = self.endpoint("jwks_uri")
        with self._lock:
            tried = self._keys_at
            if not self._fresh(tried) or (kid not in self._keys and self._may_ask_again(tried)):
                self._keys_at = self.clock()
                self._keys = self._fetched_keys(address)
            found = self._keys.get(kid)
        if found is None:
            raise WrongAnswer("key_unknown")
        if found.get("alg", algorithm) != algorithm:
            raise WrongAnswer("key_of_another_algorithm")
        return found

    def _fresh(self, at: float | None) -> bool:
        return at is not None and self.clock() - at < KEPT_SECONDS

    def _may_ask_again(self, at: float | None) -> bool:
        return at is None or self.clock() - at >= AGAIN_AFTER_SECONDS

    def _fetched_description(self) -> Mapping[str, Any]:
        address = self.provider.discovery or self.provider.issuer.rstrip("/") + WELL_KNOWN
        found = self._json(address, "description_unreadable")
        if found.get("issuer") != self.provider.issuer:
            raise WrongAnswer("issuer_of_description")
        for name in ENDPOINTS:
            if not isinstance(found.get(name), str):
                raise WrongAnswer("endpoint_missing")
            checked_endpoint(self.provider, found[name])
        return found

    def _fetched_keys(self, address: str) -> Mapping[str, Key]:
        rows = self._json(address, "keys_unreadable").get("keys")
        if not isinstance(rows, list) or len(rows) > KEYS_MOST:
            raise WrongAnswer("keys_unreadable")
        kept: dict[str, Key] = {}
        for row in rows:
            key = _public_key(row)
            if key is None:
                continue
            if key.kid in kept:
                raise WrongAnswer("keys_ambiguous")
            kept[str(key.kid)] = key
        return kept

    def _json(self, address: str, wrong: str) -> dict[str, Any]:
        reply = self.ask(self.provider, "GET", address, headers={"Accept": "application/json"})
        if reply.status != OK:
            raise WrongAnswer("unreachable", silent=True)
        if not (reply.kind.endswith("json")):
            raise WrongAnswer(wrong)
        return json_object(reply.body, wrong)


def _public_key(row: Any) -> Key | None:
    """A key that can check signatures; None for any other (shared, too short, to encrypt)."""
    if not isinstance(row, dict) or row.get("use", "sig") != "sig":
        return None
    if not isinstance(row.get("kid"), str) or not row["kid"] or "d" in row:
        return None
    try:
        key = import_key(row)
        if isinstance(key, RSAKey) and key.public_key.key_size < RSA_BITS_MIN:
            return None
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) else None
