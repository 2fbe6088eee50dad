"""The file that names identity providers: what is right is read, what is wrong is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from soutien.doors.environment import SettingError
from soutien.doors.identity_providers import identity_providers, pretend_providers, provider_of

ROW = {
    "name": "citizens",
    "shape": "franceconnect",
    "issuer": "https://identity.example.org/api/v2",
    "client_id": "soutien",
    "client_secret_file": "secret",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("a secret of thirty-two characters\n")
    return tmp_path


def test_nothing_named_is_no_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOUTIEN_OPENID", raising=False)
    assert identity_providers(local=False) == {}


def test_the_file_of_the_documentation_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "identity.md").read_text()
    text = page.partition("```toml\n")[2].partition("```")[0]
    lines = [line.removeprefix("   ") for line in text.splitlines()]
    text = "\n".join(lines).replace("https://…/", "https://agents.example.org/")
    file = tmp_path / "providers.toml"
    file.write_text(text)
    for name in ("franceconnect", "psc", "proconnect"):
        (tmp_path / f"{name}.secret").write_text("a secret of thirty-two characters")
    monkeypatch.setenv("SOUTIEN_OPENID", str(file))
    found = identity_providers(local=False)
    assert list(found) == ["franceconnect", "psc", "proconnect"]
    assert found["franceconnect"].userinfo == "signed"
    assert found["franceconnect"].algorithms == ("ES256",)
    assert found["psc"].userinfo == "json"
    assert found["psc"].netlocs == {"auth.esw.esante.gouv.fr", "wallet.esw.esante.gouv.fr"}
    assert found["proconnect"].organisations == {"12345678901234": "fund:019990069"}
    assert found["proconnect"].acr_essential
    assert not any(provider.local or provider.pretend for provider in found.values())
    assert "thirty-two" not in repr(found)


def test_json_says_the_same(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    file = folder / "providers.json"
    file.write_text(json.dumps({"provider": [ROW]}))
    monkeypatch.setenv("SOUTIEN_OPENID", str(file))
    assert identity_providers(local=False)["citizens"].issuer == ROW["issuer"]
    file.write_text(json.dumps({"provider": [ROW, ROW]}))
    with pytest.raises(SettingError, match="once only"):
        identity_providers(local=False)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "Citizens"}, "name is"),
        ({"shape": "another"}, "shape is one of"),
        ({"issuer": "http://identity.example.org"}, "not an https address"),
        ({"issuer": "http://127.0.0.1:8000"}, "not an https address"),
        ({"issuer": "https://identity.example.org?x=1"}, "not a plain address"),
        ({"issuer": ""}, "issuer is missing"),
        ({"client_id": ""}, "client_id is missing"),
        ({"client_secret_file": "absent"}, "cannot be read"),
        ({"client_secret": "in clear"}, "client_secret is not known"),
        ({"algorithms": ["none"]}, "algorithms"),
        ({"algorithms": ["HS256"]}, "algorithms"),
        ({"algorithms": []}, "algorithms"),
        ({"algorithms": "ES256"}, "wrong kind"),
        ({"userinfo": "plain"}, "userinfo"),
        ({"token_auth": "none"}, "token_auth"),
        ({"scopes": ["email"]}, "scopes"),
        ({"acr_accepted": []}, "acr_accepted"),
        ({"acr_second_factor": ["eidas9"]}, "acr_second_factor"),
        ({"discovery": "https://evil.example.org/x"}, "not among hosts"),
        ({"organisations": {"123": "fund:1"}}, "organisations"),
        ({"organisations": {"1" * 14: "bank:1"}}, "organisations"),
        ({"logout": "yes"}, "wrong kind"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, change: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingError, match=words) as caught:
        provider_of(ROW | change, local=False, folder=folder)
    assert "docs/identity.md" in str(caught.value)


def test_a_short_secret_is_refused(folder: Path) -> None:
    (folder / "secret").write_text("short")
    with pytest.raises(SettingError, match="fewer than"):
        provider_of(ROW, local=False, folder=folder)


def test_plain_http_is_for_this_machine_and_for_those_who_develop(folder: Path) -> None:
    here = ROW | {"issuer": "http://127.0.0.1:8001"}
    assert provider_of(here, local=True, folder=folder).local
    with pytest.raises(SettingError, match="not an https address"):
        provider_of(ROW | {"issuer": "http://identity.example.org"}, local=True, folder=folder)


def test_a_file_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "providers.toml"
    monkeypatch.setenv("SOUTIEN_OPENID", str(file))
    with pytest.raises(SettingError, match="cannot be read"):
        identity_providers(local=False)
    file.write_text("provider = 3 =")
    with pytest.raises(SettingError, match="cannot be understood"):
        identity_providers(local=False)
    file.write_text("provider = 3")
    with pytest.raises(SettingError, match=r"\[\[provider\]\]"):
        identity_providers(local=False)


def test_the_demo_has_one_of_each_shape() -> None:
    found = pretend_providers(address="http://localhost:8000", secret="s")
    assert {provider.shape for provider in found.values()} == {
        "franceconnect",
        "pro_sante_connect",
        "proconnect",
    }
    assert all(provider.pretend for provider in found.values())
    secrets = {provider.client_secret for provider in found.values()}
    assert len(secrets) == 3
