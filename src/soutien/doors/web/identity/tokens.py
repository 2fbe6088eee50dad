"""Believing a token: who signed it, for whom, when, and for which question of ours."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import math
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key

from soutien.doors.identity_providers import Provider
from soutien.doors.web.identity.published import json_object
from soutien.doors.web.identity.wrong import WrongAnswer

# Gives the key of an id for an algorithm, or raises WrongAnswer.
FindKey = Callable[[str, str], Key]

# Two clocks are never quite the same.
CLOCKS_APART_SECONDS = 10
OLDEST_SECONDS = 600
SUBJECT_LONGEST = 255
PARTS = 3
_HASHES = {"ES256": "sha256", "RS256": "sha256", "PS256": "sha256", "ES384": "sha384"}


def believed(token: str, provider: Provider, find_key: FindKey) -> tuple[dict[str, Any], str]:
    """The content of a signed token and its algorithm. Raises WrongAnswer.

    The algorithm is one of the provider's own, the key one it publishes: nothing that the token
    says about keys beyond the id of one is listened to.
    """
    parts = token.split(".")
    if len(parts) != PARTS or not token.isascii():
        raise WrongAnswer("token_unreadable")
    header = json_object(_decoded(parts[0]), "token_unreadable")
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in provider.algorithms:
        raise WrongAnswer("algorithm_refused")
    if not isinstance(kid, str) or not kid:
        raise WrongAnswer("key_not_named")
    if "crit" in header:
        raise WrongAnswer("token_unreadable")
    key = find_key(kid, algorithm)
    try:
        found = jws.deserialize_compact(token, key, algorithms=[algorithm])
    except (JoseError, ValueError, TypeError) as error:
        raise WrongAnswer("signature") from error
    return json_object(found.payload, "token_unreadable"), algorithm


def checked_id_token(
    content: Mapping[str, Any],
    provider: Provider,
    *,
    nonce: str,
    now: float,
) -> str:
    """The subject of an ID token that answers our own question, now. Raises WrongAnswer."""
    _check_parties(content, provider)
    _check_times(content, now, needed=True)
    said = content.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise WrongAnswer("nonce")
    if content.get("acr") not in provider.acr_accepted:
        raise WrongAnswer("acr")
    return _subject(content)


def checked_hashes(
    content: Mapping[str, Any], algorithm: str, *, code: str, access_token: str
) -> None:
    """What an ID token says of the code and of the access token, when it does. Raises."""
    for name, text in (("c_hash", code), ("at_hash", access_token)):
        if name not in content:
            continue
        hashed = hashlib.new(_HASHES.get(algorithm, "sha512"), text.encode()).digest()
        half = base64.urlsafe_b64encode(hashed[: len(hashed) // 2]).rstrip(b"=").decode()
        if not isinstance(content[name], str) or not hmac.compare_digest(
            content[name].encode(), half.encode()
        ):
            raise WrongAnswer(name)


def checked_userinfo(
    content: Mapping[str, Any], provider: Provider, *, subject: str, signed: bool, now: float
) -> None:
    """What is told about somebody is about the same somebody, to us. Raises WrongAnswer."""
    if signed:
        _check_parties(content, provider)
        _check_times(content, now, needed=False)
    if not hmac.compare_digest(_subject(content).encode(), subject.encode()):
        raise WrongAnswer("userinfo_of_another")


def _check_parties(content: Mapping[str, Any], provider: Provider) -> None:
    if content.get("iss") != provider.issuer:
        raise WrongAnswer("issuer")
    audience = content.get("aud")
    if audience not in (provider.client_id, [provider.client_id]):
        raise WrongAnswer("audience")
    if content.get("azp", provider.client_id) != provider.client_id:
        raise WrongAnswer("azp")


def _check_times(content: Mapping[str, Any], now: float, *, needed: bool) -> None:
    for name in ("exp", "iat", "nbf"):
        moment = content.get(name)
        if moment is None and (name == "nbf" or not needed):
            continue
        if not isinstance(moment, int | float) or isinstance(moment, bool):
            raise WrongAnswer("times_missing")
        if not math.isfinite(moment):
            raise WrongAnswer("times_missing")
        if name == "exp" and now >= moment + CLOCKS_APART_SECONDS:
            raise WrongAnswer("expired")
        if name != "exp" and moment > now + CLOCKS_APART_SECONDS:
            raise WrongAnswer("not_yet")
        if name == "iat" and moment < now - OLDEST_SECONDS:
            raise WrongAnswer("issued_long_ago")


def _subject(content: Mapping[str, Any]) -> str:
    subject = content.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_LONGEST:
        raise WrongAnswer("subject_missing")
    return subject


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise WrongAnswer("token_unreadable") from error
