"""The block in somebody else's page: another origin, a strict policy, no cookie, its height."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOST_PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Commune</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>Notre commune</h1>{form}</main></body></html>"""
SCRIPT = '<script src="{ours}/bloc.js" data-couleur="#7a1f5c" data-lieu="Craponne"></script>'
FRAME = (
    '<iframe src="{ours}/bloc?couleur=7a1f5c&amp;lieu=Craponne" title="Être accompagné" '
    'width="100%" height="320"></iframe>'
)


@contextmanager
def hosted(form: str, ours: str) -> Iterator[str]:
    """A host's page with a form of the block, and a policy that allows nothing else."""
    page = HOST_PAGE.format(form=form.format(ours=ours)).encode()

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - the name that the library asks for
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header(
                "Content-Security-Policy",
                f"default-src 'none'; script-src {ours}; frame-src {ours}",
            )
            self.end_headers()
            self.wfile.write(page if self.path == "/" else b"")

        def log_message(self, *words: Any) -> None:
            """Nothing is told."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@pytest.mark.parametrize("form", [SCRIPT, FRAME], ids=["script", "frame"])
def test_a_host_with_a_strict_policy_shows_it_at_320_pixels(
    form: str,
    chromium: Browser,
    live_server: Any,
    assert_accessible: Callable[[Page], None],
) -> None:
    complaints: list[str] = []
    with hosted(form, live_server.url) as host:
        context = chromium.new_context(viewport={"width": 320, "height": 700}, locale="fr-FR")
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on(
            "console",
            lambda told: (
                told.type == "error"
                and "favicon" not in str(told.location)
                and complaints.append(told.text)
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(host)
        block = page.frame_locator("iframe")
        first = block.get_by_role("link", name="Trouver un psychologue près de chez nous")
        first.wait_for()
        if form == SCRIPT:
            # As high as what it shows, neither cut nor followed by a gap.
            page.wait_for_function(
                "Number(document.querySelector('iframe').height) !== 320", timeout=10_000
            )
            frame = page.frames[1]
            told = page.evaluate("Number(document.querySelector('iframe').height)")
            assert told == frame.evaluate(
                "Math.ceil(document.querySelector('main').getBoundingClientRect().height)"
            )
            # Another page's word is not taken.
            page.evaluate("window.postMessage({soutien: 'height', height: 17}, '*')")
            page.wait_for_timeout(200)
            assert page.evaluate("Number(document.querySelector('iframe').height)") == told
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        colour = first.evaluate("(link) => getComputedStyle(link).backgroundColor")
        assert colour == "rgb(122, 31, 92)"
        assert not context.cookies()
        with context.expect_page() as opened:
            first.click()
        assert opened.value.url.startswith(f"{live_server.url}/trouver?place=Craponne")
        assert opened.value.evaluate("window.opener") is None
        assert not complaints
        context.close()
