"""An identity provider over real HTTP on this machine, that can lie in any of its answers.

Untouched it behaves well: the same flow then signs in, so that each lie is what is refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

Reply = tuple[int, str, bytes]
CLIENT, SECRET = "soutien-client", "a client secret of thirty-two signs"


def same(value: Any) -> Any:
    """What an honest provider does with what it was about to say."""
    return value


@lru_cache
def rsa_key(name: str) -> RSAKey:
    """An RSA key, made once a run: they are slow to make."""
    return RSAKey.generate_key(2048, {"kid": name})


@lru_cache
def curve_key(name: str) -> ECKey:
    """A key on the curve P-256."""
    return ECKey.generate_key("P-256", {"kid": name})


def part(content: Any) -> str:
    """One part of a token, as it is written."""
    text = content if isinstance(content, str) else json.dumps(content)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def half_hash(text: str) -> str:
    """What ``at_hash`` and ``c_hash`` hold."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).decode()[:-2]


def unsigned(content: Mapping[str, Any]) -> str:
    """A token that says it needs no signature."""
    return f"{part({'alg': 'none', 'kid': 'first'})}.{part(content)}."


def shared_secret(content: Mapping[str, Any], secret: bytes) -> str:
    """A token signed with what everybody knows, as if it were a secret."""
    signed = f"{part({'alg': 'HS256', 'kid': 'first'})}.{part(content)}"
    tag = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(tag).rstrip(b'=').decode()}"


@dataclass
class Lies:
    """What the provider changes; each a function of what it would have said."""

    description: Callable[[dict[str, Any]], Any] = same
    keys: Callable[[dict[str, Any]], Any] = same
    back: Callable[[list[tuple[str, str]]], list[tuple[str, str]]] = same
    id_content: Callable[[dict[str, Any]], Any] = same
    id_token: Callable[[dict[str, Any]], str] | None = None
    tokens: Callable[[dict[str, Any]], Any] = same
    token_reply: Callable[[Reply], Reply] = same
    claims: Callable[[dict[str, Any]], Any] = same
    userinfo_token: Callable[[dict[str, Any]], str] | None = None
    userinfo_reply: Callable[[Reply], Reply] = same
    lenient: bool = False  # checks neither PKCE nor that a code is used once
    slow: str = ""  # "silent" or "drip", at the token endpoint
    cut: bool = False  # hangs up at the token endpoint


@dataclass
class Provider:
    """The provider's own side: who is signed in there, its keys, and the codes it gave."""

    claims: dict[str, Any]
    acr: str = "eidas1"
    signed_userinfo: bool = True
    algorithm: str = "ES256"
    lies: Lies = field(default_factory=Lies)
    kid: str = "first"
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    issuer: str = ""

    @property
    def key(self) -> Any:
        return (curve_key if self.algorithm.startswith("ES") else rsa_key)(self.kid)

    def signed(self, content: Any, key: Any = None, **header: Any) -> str:
        """A token of this provider, or of whoever has ``key``."""
        head = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT"} | header
        head = {name: value for name, value in head.items() if value is not None}
        text = content if isinstance(content, str) else json.dumps(content)
        return jws.serialize_compact(head, text, key or self.key, algorithms=[head["alg"]])

    def reply(self, method: str, path: str, form: dict[str, str], bearer: str) -> Reply:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return _json(self.lies.description(self.description()))
        if path == "/jwks":
            return _json(self.lies.keys({"keys": [self.key.as_dict(private=False)]}))
        if path == "/token" and method == "POST":
            return self.lies.token_reply(self.tokens(form))
        if path == "/userinfo":
            return self.lies.userinfo_reply(self.userinfo())
        return 404, "text/plain", b"nothing here"

    def description(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/logout",
            "authorization_response_iss_parameter_supported": True,
        }

    def back(self, asked: Mapping[str, str]) -> str:
        """Where a browser is sent back to after signing in here."""
        code = secrets.token_urlsafe(24)
        self.codes[code] = dict(asked)
        said = [("code", code), ("state", asked["state"]), ("iss", self.issuer)]
        return f"{asked['redirect_uri']}?{urlencode(self.lies.back(said))}"

    def tokens(self, form: dict[str, str]) -> Reply:
        code = form.get("code", "")
        asked = self.codes.get(code) if self.lies.lenient else self.codes.pop(code, None)
        verifier = form.get("code_verifier", "")
        hashed = hashlib.sha256(verifier.encode()).digest()
        proved = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
        if asked is None or form.get("client_secret") != SECRET:
            return _json({"error": "invalid_grant"}, 400)
        if not self.lies.lenient and (
            proved != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return _json({"error": "invalid_grant"}, 400)
        access_token = secrets.token_urlsafe(24)
        now = int(time.time())
        content = self.lies.id_content(
            {
                "iss": self.issuer,
                "aud": CLIENT,
                "sub": self.claims["sub"],
                "iat": now,
                "exp": now + 60,
                "nonce": asked["nonce"],
                "acr": self.acr,
                "at_hash": half_hash(access_token),
                "c_hash": half_hash(code),
            }
        )
        id_token = (self.lies.id_token or self.signed)(content)
        said = {"token_type": "Bearer", "access_token": access_token, "id_token": id_token}
        return _json(self.lies.tokens(said | {"expires_in": 60}))

    def userinfo(self) -> Reply:
        claims = self.lies.claims(dict(self.claims))
        if not self.signed_userinfo:
            return _json(claims)
        content = {"iss": self.issuer, "aud": CLIENT, "iat": int(time.time())} | claims
        token = (self.lies.userinfo_token or self.signed)(content)
        return 200, "application/jwt", token.encode()


def _json(content: Any, status: int = 200) -> Reply:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return status, "application/json", body


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, body: bytes) -> None:
        provider = self.server.provider
        parts = urlsplit(self.path)
        if parts.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", provider.back(dict(parse_qsl(parts.query))))
            self.end_headers()
            return
        if parts.path == "/token" and provider.lies.cut:
            return
        if parts.path == "/token" and provider.lies.slow:
            self._slowly(provider.lies.slow)
            return
        form = dict(parse_qsl(body.decode()))
        bearer = self.headers.get("Authorization", "")
        status, kind, content = provider.reply(self.command, parts.path, form, bearer)
        self.send_response(status)
        self.send_header("Content-Type", kind.partition("|")[0])
        if kind.endswith("|gzip"):
            self.send_header("Content-Encoding", "gzip")
        if status == 302:
            self.send_header("Location", f"{provider.issuer}/elsewhere")
        self.end_headers()
        try:
            self.wfile.write(content)
        except OSError:
            # Whoever asked has had enough.
            return

    def _slowly(self, how: str) -> None:
        if how == "silent":
            self.server.released.wait(20)
            return
        try:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            while not self.server.released.wait(0.05):
                self.wfile.write(b" ")
                self.wfile.flush()
        except OSError:
            return

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: tests are quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    provider: Provider
    released: threading.Event


@contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    """The provider, listening on a free port of this machine until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.provider, server.released = provider, threading.Event()
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def octets(key: Any) -> bytes:
    """A public key as the text everybody can read."""
    return bytes(key.as_pem(private=False))


__all__ = ["Lies", "OctKey", "Provider", "serving"]
