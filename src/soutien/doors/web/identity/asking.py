"""Our question to a provider: where the browser is sent, and what we must remember of it."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from soutien.doors.identity_providers import Provider

# 43 characters: more than the 32 that providers ask for, and as many as PKCE wants.
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Question:
    """What we asked, kept on our side until the answer comes. Good for one answer."""

    provider: str
    issuer: str
    purpose: str  # "sign_in" or "link"
    redirect_uri: str
    nonce: str
    verifier: str
    language: str
    then: str = ""
    account_id: int | None = None

    def kept(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)


def random_token() -> str:
    """A text nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def asked(
    provider: Provider,
    *,
    purpose: str,
    redirect_uri: str,
    language: str,
    then: str = "",
    account_id: int | None = None,
) -> Question:
    """A new question, with secrets of its own."""
    return Question(
        provider=provider.name,
        issuer=provider.issuer,
        purpose=purpose,
        redirect_uri=redirect_uri,
        nonce=random_token(),
        verifier=random_token(),
        language=language,
        then=then,
        account_id=account_id,
    )


def challenge(verifier: str) -> str:
    """What PKCE shows of a verifier (S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def address_of(question: Question, provider: Provider, endpoint: str, state: str) -> str:
    """Where the browser is sent."""
    parameters = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": question.redirect_uri,
        "scope": " ".join(provider.scopes),
        "state": state,
        "nonce": question.nonce,
        "code_challenge": challenge(question.verifier),
        "code_challenge_method": "S256",
    }
    if provider.acr_values:
        parameters["acr_values"] = " ".join(provider.acr_values)
    if provider.acr_essential:
        wanted = {"essential": True, "values": list(provider.acr_accepted)}
        parameters["claims"] = json.dumps({"id_token": {"acr": wanted}}, separators=(",", ":"))
    return _with(endpoint, parameters)


def farewell_address(
    provider: Provider, endpoint: str, *, id_token: str, back_to: str, state: str
) -> str:
    """Where the browser is sent to end the provider's own session too."""
    return _with(
        endpoint,
        {
            "id_token_hint": id_token,
            "post_logout_redirect_uri": back_to,
            "state": state,
            "client_id": provider.client_id,
        },
    )


def _with(endpoint: str, parameters: dict[str, str]) -> str:
    joint = "&" if urlsplit(endpoint).query else "?"
    return f"{endpoint}{joint}{urlencode(parameters)}"
