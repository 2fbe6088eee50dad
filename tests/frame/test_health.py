"""The health page: short, true, and open to machines only."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from soutien.doors.web import health


@pytest.mark.django_db
def test_health_says_that_all_is_well(client: Client) -> None:
    response = client.get("/health")
    assert response.status_code == 200
    answer = response.json()
    assert answer["status"] == "ok"
    assert answer["database"]["engine"] == connection.vendor
    assert answer["database"]["ok"] is True
    assert answer["database"]["version"]
    assert answer["version"]


def test_health_fails_without_saying_why_when_the_database_is_silent(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent() -> str:
        raise DatabaseError("password of the database: hunter2")

    monkeypatch.setattr(health, "database_version", silent)
    response = client.get("/health")
    assert response.status_code == 503
    assert response.json()["status"] == "failing"
    assert response.json()["database"]["ok"] is False
    assert "hunter2" not in response.content.decode()


@pytest.mark.django_db
def test_health_sets_no_cookie_and_is_never_kept(client: Client) -> None:
    response = client.get("/health")
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_health_is_not_translated(client: Client) -> None:
    assert client.get("/en/health").status_code == 404


def test_health_cannot_be_posted_to(client: Client) -> None:
    assert client.post("/health").status_code == 405


@pytest.mark.django_db
def test_health_answers_a_load_balancer_without_https(client: Client, settings: object) -> None:
    settings.SECURE_SSL_REDIRECT = True  # type: ignore[attr-defined]
    assert client.get("/health").status_code == 200
    assert client.get("/").status_code == 301
