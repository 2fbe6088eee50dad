"""The files of deploy/ are well formed, and call commands and settings that exist."""

from __future__ import annotations

import re
import shlex
import shutil
import ssl
import subprocess
from configparser import ConfigParser
from importlib import import_module
from pathlib import Path

import pytest
from tests.house.sources import ROOT
from tests.house.test_docs import settings_read

from soutien.doors.cli.main import COMMANDS, parser_of

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())


def commands_of(unit: Path) -> list[list[str]]:
    return [shlex.split(line) for line in re.findall(r"^ExecStart=(.+)$", unit.read_text(), re.M)]


def test_there_is_a_unit_for_each_program() -> None:
    called = {words[1] for unit in UNITS for words in commands_of(unit)}
    assert called == {"serve", "worker", "scheduler", "backup"}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_calls_a_command_as_it_is(unit: Path) -> None:
    for words in commands_of(unit):
        assert Path(words[0]).name == "soutien"
        parser_of(words[1], import_module(COMMANDS[words[1]].module)).parse_args(words[2:])


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_units_are_well_formed(tmp_path: Path) -> None:
    program = tmp_path / "soutien"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for unit in UNITS:
        text = unit.read_text().replace("/opt/soutien/bin/soutien", str(program))
        (tmp_path / unit.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "soutien" in line]
    # Dependencies that this machine lacks are not ours to mend.
    assert not [line for line in ours if "nknown" in line or "nvalid" in line or "ailed" in line]


def test_the_example_names_settings_that_are_read() -> None:
    named = re.findall(r"^(\w+)=", (DEPLOY / "environment.example").read_text(), re.M)
    assert set(named) <= settings_read() | {"SOUTIEN_LOG", *networks_and_words()}
    assert {"DATABASE_URL", "SOUTIEN_SECRET_KEY", "SOUTIEN_HOSTS"} <= set(named)


def networks_and_words() -> set[str]:
    """Settings read by functions with a form of their own."""
    source = (ROOT / "src/soutien/doors/settings.py").read_text()
    return set(re.findall(r'(?:networks|one_of)\("(\w+)"', source))


def test_neither_proxy_lets_the_outside_ask_what_is_inside() -> None:
    caddy, nginx = (DEPLOY / "Caddyfile").read_text(), (DEPLOY / "nginx.conf").read_text()
    for path in ("health", "ready", "metrics"):
        assert f"/{path}" in caddy
        assert re.search(rf"location ~ \^/\([^)]*{path}", nginx)
    assert "$request_uri" not in re.findall(r"^log_format.+", nginx, re.M)[0]
    assert "proxy_add_x_forwarded_for" not in nginx


def test_the_log_leaves_for_another_machine_by_tls_only() -> None:
    read = ConfigParser()
    read.read(DEPLOY / "journal-upload.conf")
    told = dict(read["Upload"])
    assert told.pop("url").startswith("https://")
    # Both certificates are checked: without the last, any authority would do.
    assert set(told) == {"serverkeyfile", "servercertificatefile", "trustedcertificatefile"}


def test_both_proxies_take_the_same_ciphers_and_none_that_is_weak() -> None:
    caddy, nginx = (DEPLOY / "Caddyfile").read_text(), (DEPLOY / "nginx.conf").read_text()
    [taken] = re.findall(r"^\s*ssl_ciphers (\S+);", nginx, re.M)
    [named] = re.findall(r"^\s*ciphers (.+)$", caddy, re.M)
    assert {openssl_name(name) for name in named.split()} == set(taken.split(":"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(taken)
    known = {one["name"]: one for one in context.get_ciphers() if one["protocol"] == "TLSv1.2"}
    assert set(known) == set(taken.split(":"))
    assert all(one["aead"] and one["kea"] == "kx-ecdhe" for one in known.values())
    assert re.findall(r"^\s*ssl_protocols (.+);", nginx, re.M) == ["TLSv1.2 TLSv1.3"]
    assert re.findall(r"^\s*protocols (.+)$", caddy, re.M) == ["tls1.2 tls1.3"]


def openssl_name(standard: str) -> str:
    """``ECDHE-RSA-AES128-GCM-SHA256``, which the standard calls TLS_ECDHE_RSA_WITH_AES_128_…"""
    name = standard.removeprefix("TLS_").replace("_WITH", "").replace("AES_", "AES")
    return name.replace("POLY1305_SHA256", "POLY1305").replace("_", "-")


def test_the_page_names_no_command_that_is_not_there() -> None:
    page = (ROOT / "docs" / "deployment.md").read_text()
    named = set(
        re.findall(r"\bsoutien ([a-z]+)\b", " ".join(re.findall(r"`[^`]+`|```.+?```", page, re.S)))
    )
    assert named - set(COMMANDS) <= {"deploy", "soutien"}
    assert {"check", "status", "worker", "scheduler", "database"} <= named
