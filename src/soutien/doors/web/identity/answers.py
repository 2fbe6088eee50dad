"""A provider's answer, from what the browser brings back to what is told about somebody."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

from django.http import QueryDict

from soutien.doors.identity_providers import Provider
from soutien.doors.web.identity.asking import Question
from soutien.doors.web.identity.fetching import OK
from soutien.doors.web.identity.published import Published, json_object
from soutien.doors.web.identity.tokens import (
    believed,
    checked_hashes,
    checked_id_token,
    checked_userinfo,
)
from soutien.doors.web.identity.wrong import WrongAnswer

ONCE = ("code", "state", "iss", "error")
LONGEST = 2048
_TOKEN = re.compile(r"[\x21-\x7e]+")
# What a provider says when the person themselves did not go on.
DECLINED = {"access_denied", "login_required", "consent_required", "interaction_required"}


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider tells about somebody. The ID token is kept for signing out only."""

    subject: str
    acr: str
    claims: Mapping[str, Any]
    id_token: str = field(repr=False)


def state_of(parameters: QueryDict) -> str:
    """The state that the browser brings back, said once. Raises WrongAnswer."""
    for name in ONCE:
        if len(parameters.getlist(name)) > 1:
            raise WrongAnswer("said_twice")
    state = parameters.get("state", "")
    if not state or len(state) > LONGEST:
        raise WrongAnswer("state")
    return str(state)


def code_of(parameters: QueryDict, provider: Provider, published: Published) -> str:
    """The code that the browser brings back from the provider we asked. Raises WrongAnswer."""
    issuer = parameters.get("iss")
    promised = published.described().get("authorization_response_iss_parameter_supported")
    if (issuer is not None or promised is True) and issuer != provider.issuer:
        raise WrongAnswer("mixed_up")
    error = parameters.get("error")
    if error is not None:
        raise WrongAnswer("declined" if error in DECLINED else "provider_error")
    code = parameters.get("code", "")
    if not code or len(code) > LONGEST or not _TOKEN.fullmatch(code):
        raise WrongAnswer("code_missing")
    return str(code)


def told(code: str, question: Question, published: Published, *, now: float) -> Told:
    """What the provider tells for this code, every part of it checked. Raises WrongAnswer."""
    provider = published.provider
    tokens = _exchanged(code, question, published)
    id_token, access_token = tokens["id_token"], tokens["access_token"]
    content, algorithm = believed(id_token, provider, published.key)
    subject = checked_id_token(content, provider, nonce=question.nonce, now=now)
    checked_hashes(content, algorithm, code=code, access_token=access_token)
    claims = _userinfo(access_token, published, subject=subject, now=now)
    return Told(subject=subject, acr=str(content["acr"]), claims=claims, id_token=id_token)


def _exchanged(code: str, question: Question, published: Published) -> dict[str, str]:
    """The tokens for a code. Raises WrongAnswer."""
    provider = published.provider
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": question.redirect_uri,
        "code_verifier": question.verifier,
    }
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    if provider.token_auth == "client_secret_basic":
        pair = f"{quote_plus(provider.client_id)}:{quote_plus(provider.client_secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    reply = published.ask(
        provider,
        "POST",
        published.endpoint("token_endpoint"),
        headers=headers,
        body=urlencode(form).encode(),
    )
    if reply.status != OK:
        raise WrongAnswer("code_refused")
    if reply.kind != "application/json":
        raise WrongAnswer("tokens_unreadable")
    found = json_object(reply.body, "tokens_unreadable")
    if str(found.get("token_type", "")).lower() != "bearer":
        raise WrongAnswer("tokens_unreadable")
    tokens = {name: found.get(name) for name in ("id_token", "access_token")}
    for token in tokens.values():
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise WrongAnswer("tokens_unreadable")
    return {name: str(token) for name, token in tokens.items()}


def _userinfo(
    access_token: str, published: Published, *, subject: str, now: float
) -> Mapping[str, Any]:
    """What is told about the subject, signed when this provider signs it. Raises WrongAnswer."""
    provider = published.provider
    signed = provider.userinfo == "signed"
    wanted = "application/jwt" if signed else "application/json"
    reply = published.ask(
        provider,
        "GET",
        published.endpoint("userinfo_endpoint"),
        headers={"Accept": wanted, "Authorization": f"Bearer {access_token}"},
    )
    if reply.status != OK:
        raise WrongAnswer("userinfo_refused")
    if reply.kind != wanted:
        raise WrongAnswer("userinfo_unsigned" if signed else "userinfo_unreadable")
    if signed:
        try:
            token = reply.body.decode("ascii").strip()
        except UnicodeError as error:
            raise WrongAnswer("token_unreadable") from error
        claims, _algorithm = believed(token, provider, published.key)
    else:
        claims = json_object(reply.body, "userinfo_unreadable")
    checked_userinfo(claims, provider, subject=subject, signed=signed, now=now)
    return claims
