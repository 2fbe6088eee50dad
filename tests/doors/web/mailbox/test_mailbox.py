"""The demo's mailbox shows what would have left; anywhere else it does not exist."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.test import Client, override_settings
from tests.steps.scene import MONDAY, at

from soutien.registers.outbox import queries as outbox

pytestmark = pytest.mark.django_db
KEY = UUID("0f3e6a52-5e1b-4a55-8a53-6f7d3a1f0c11")


@pytest.fixture(autouse=True)
def message() -> None:
    outbox.keep_here(
        key=KEY,
        channel="mail",
        sender="Rendez-vous <rdv@example.org>",
        recipient="camille@example.org",
        subject="Votre <rendez-vous>",
        body="Bonjour,\n\nhttp://localhost:8000/rendez-vous/abc\n",
        attachment="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        at=at(MONDAY),
    )


def test_it_shows_mails_and_texts_with_their_links(client: Client) -> None:
    with override_settings(DEMO=True):
        page = client.get("/dev/boite").content.decode()
        assert "Votre &lt;rendez-vous&gt;" in page
        assert 'href="http://localhost:8000/rendez-vous/abc"' in page
        file = client.get(f"/dev/boite/{KEY}.ics")
        assert file.content.startswith(b"BEGIN:VCALENDAR\r\n")
        assert client.get(f"/dev/boite/{uuid4()}.ics").status_code == 404


@pytest.mark.parametrize("path", ["/dev/boite", "/en/dev/boite", f"/dev/boite/{KEY}.ics"])
def test_outside_the_demo_there_is_none(client: Client, path: str) -> None:
    with override_settings(DEMO=False):
        assert client.get(path).status_code == 404
