"""The demo's providers answer inside the same process: no second server, nobody to wait for."""

from __future__ import annotations

from collections.abc import Mapping

from soutien.doors.identity_providers import Provider
from soutien.doors.web.identity.addresses import back_address, farewell_back_address
from soutien.doors.web.identity.fetching import Reply, checked_endpoint
from soutien.doors.web.identity.pretend.provider import PretendProvider


def of(provider: Provider) -> PretendProvider:
    """A provider's other side."""
    return PretendProvider(
        provider,
        redirect_uri=back_address(provider),
        farewell_uri=farewell_back_address(provider),
    )


def reply(
    provider: Provider,
    method: str,
    address: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
) -> Reply:
    """What the provider answers to our client."""
    path = checked_endpoint(provider, address).removeprefix(provider.issuer)
    return of(provider).reply(method, path, headers, body)
