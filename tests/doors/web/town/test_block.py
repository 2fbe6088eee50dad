"""The block in other sites' pages: framed alone, read in any colours, without cookies."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from soutien.doors.web.town.colours import block_sheet, contrast

pytestmark = pytest.mark.django_db
READ = 4.5


def test_only_the_block_is_framed_by_others():
    answer = Client().get("/bloc")
    assert answer.status_code == 200
    assert "frame-ancestors *" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    for path in ("/", "/trouver", "/bloc.css", "/bloc.js", "/portail"):
        other = Client().get(path)
        assert "frame-ancestors 'none'" in other["Content-Security-Policy"], path
        assert other["X-Frame-Options"] == "DENY", path


def test_no_cookie_is_set_and_nothing_acts_inline():
    for path in ("/bloc?lieu=Craponne", "/bloc.css", "/bloc.js", "/en/bloc"):
        assert not Client().get(path).cookies, path
    page = Client().get("/bloc?lieu=Craponne").content.decode()
    assert " style=" not in page
    assert "<style" not in page
    links = re.findall(r"<a [^>]+>", page)
    assert len(links) == 3
    assert all('target="_blank"' in link and 'rel="noopener"' in link for link in links)
    assert 'href="/trouver?place=Craponne"' in page


def test_another_site_may_load_the_script():
    answer = Client().get("/bloc.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert Client().get("/")["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("paper", ["#ffffff", "#000000", "#777777", "#ffee00", "#123456"])
@pytest.mark.parametrize("colour", ["#ffffff", "#000000", "#777777", "#ffee00", "#123456"])
def test_any_two_colours_are_read_on_each_other(colour: str, paper: str):
    told = dict(re.findall(r"--block-(\w+):(#\w{6})", block_sheet(colour, paper)))
    assert told["paper"] == paper
    assert contrast(told["ink"], paper) >= READ
    assert contrast(told["main"], paper) >= READ


def test_what_is_no_colour_and_no_place_is_not_taken():
    answer = Client().get("/bloc.css", {"couleur": "red}body{x:url(//y)", "fond": "#12"})
    assert answer.content == Client().get("/bloc.css").content
    page = Client().get("/bloc", {"lieu": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page
