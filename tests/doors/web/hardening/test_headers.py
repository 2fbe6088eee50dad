"""What every answer says beside its page, route by route, an error's answer too."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from tests.migrated_once import PostgresCopy, SqliteCopy
from tests.proof import town
from tests.proof.pages import routes

from soutien.doors.booking_links import token_of
from soutien.doors.web.access import ACCESS, Door
from soutien.doors.web.headers import WORDS

pytestmark = pytest.mark.django_db

# Header: what every answer has in it.
EVERYWHERE = {
    "Content-Security-Policy": "default-src 'none'",
    "Permissions-Policy": "camera=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "-",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Request-ID": "",
    "Cache-Control": "",
}
FORBIDDEN = ("unsafe-inline", "unsafe-eval", "http:", "https:", "*", "report-uri", "report-to")


def browsers() -> dict[str, Client]:
    room, who = town.room(), town.insured()
    made = {name: Client(raise_request_exception=False) for name in ("visitor", "person", "psy")}
    made["person"].force_login(town.account_of(who))
    made["psy"].force_login(room.account())
    return made


def address(name: str, kinds: dict[str, str], public_id: Any) -> str:
    values = {
        "UUIDConverter": public_id,
        "DayConverter": timezone.localdate(),
        "StringConverter": token_of(public_id),
    }
    given = {key: values.get(kind, "x") for key, kind in kinds.items()}
    return reverse(name, kwargs=given)


# Made for the pages of other sites (docs/block.md), and holding nothing of anybody's.
FOR_OTHER_SITES = {
    "block": ("X-Frame-Options", "Cross-Origin-Resource-Policy"),
    "block_script": ("Cross-Origin-Resource-Policy",),
}


def test_every_route_has_every_header_and_what_is_ones_own_is_kept_by_nobody():
    room, who, now = town.room(), town.insured(), timezone.now()
    booked = town.booked(room, who, room.free(now + town.DAY, 3)[0], "evaluation", now)
    wrong, tried = [], 0
    for reader, browser in browsers().items():
        for name, kinds in routes():
            try:
                path = address(name, kinds, booked.public_id)
            except NoReverseMatch:
                continue
            for method in ("get", "post"):
                answer = getattr(browser, method)(path)
                tried += 1
                wrong += [
                    f"{reader} {method} {path}: {header} is {answer.get(header)!r}"
                    for header, part in EVERYWHERE.items()
                    if header not in FOR_OTHER_SITES.get(name, ())
                    and (header not in answer or part not in answer[header])
                ]
                if answer["Referrer-Policy"] not in {"same-origin", "no-referrer"}:
                    wrong.append(f"{path}: {answer['Referrer-Policy']}")
                policy = answer["Content-Security-Policy"]
                if name == "block":
                    # tests/doors/web/town/test_block.py says that it is the only one.
                    policy = policy.replace("frame-ancestors *;", "")
                wrong += [f"{path}: {word} in {policy}" for word in FORBIDDEN if word in policy]
                kept = answer["Cache-Control"]
                if not may_be_kept(name, reader, method) and "no-store" not in kept:
                    wrong.append(f"{reader} {method} {path}: {kept}")
                if answer.cookies and "public" in answer["Cache-Control"]:
                    wrong.append(f"{path}: a cookie for everybody")
    assert tried > 300
    assert not wrong, "\n".join(wrong)


def may_be_kept(name: str, reader: str, method: str) -> bool:
    access = ACCESS[name]
    return (
        access.door is Door.PUBLIC and not access.posts and reader == "visitor" and method == "get"
    )


def test_pages_of_words_may_be_kept_by_anybody_for_a_moment():
    for name in WORDS & {name for name, _kinds in routes()}:
        answer = Client().get(reverse(name))
        if answer.status_code == 200:
            assert answer["Cache-Control"] == "public, max-age=300", name
            assert "Cookie" in answer["Vary"]
            assert not answer.cookies


def test_a_page_that_is_not_there_and_one_refused_have_them_too():
    browser = Client(raise_request_exception=False)
    for path in ("/rien", "/en/nothing", "/aide/%00", "/mon-annee"):
        answer = browser.get(path)
        assert {header for header in EVERYWHERE if header not in answer} == set(), path
        assert "no-store" in answer["Cache-Control"]
    strange = browser.get("/", headers={"host": "elsewhere.example"})
    assert strange.status_code == 400
    assert "default-src 'none'" in strange["Content-Security-Policy"]


SAID = """
import django; django.setup()
from django.conf import settings
from django.test import Client
answer = Client().get("/aide", secure=True, headers={"host": "localhost"})
print(answer["Strict-Transport-Security"]); print(answer["Content-Security-Policy"])
form = Client().get("/connexion", secure=True, headers={"host": "localhost"})
print([m.OutputString() for m in form.cookies.values()])
print(settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE)
"""


@pytest.mark.own_file
def test_under_https_cookies_are_this_hosts_alone_and_nothing_goes_in_clear(
    tmp_path: Any, tables_kept: SqliteCopy | PostgresCopy
):
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "soutien.doors.settings",
        "SOUTIEN_HOME": str(tmp_path),
        "SOUTIEN_SECRET_KEY": "x" * 50,
        "SOUTIEN_SEALING_KEY": "y" * 50,
        "SOUTIEN_HSTS_PRELOAD": "1",
    }
    todo = [["collectstatic", "--noinput", "-v", "0"]]
    if not tables_kept.fill(f"sqlite:///{tmp_path}/soutien.sqlite3"):
        todo.append(["migrate", "-v", "0"])
    for words in todo:
        command = [sys.executable, "-m", "soutien.doors.cli.main", "manage", *words]
        subprocess.run(command, env=environment, cwd=tmp_path, check=True)
    run = subprocess.run(
        [sys.executable, "-c", SAID],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    hsts, policy, cookies, session = run.stdout.splitlines()
    assert hsts == "max-age=31536000; includeSubDomains; preload"
    assert "upgrade-insecure-requests" in policy
    assert "__Host-soutien-form=" in cookies
    assert all(word in cookies for word in ("HttpOnly", "Path=/;", "SameSite=Lax", "Secure"))
    assert "Domain" not in cookies
    assert session == "__Host-soutien True"
