"""What goes wrong is said in our face, in both languages, database or not, without data."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from soutien.doors.web import access, failures
from soutien.doors.web.failures import failure

ERRORS = {
    400: SuspiciousOperation("mot secret"),
    403: PermissionDenied("mot secret"),
    413: RequestDataTooBig("mot secret"),
    500: ValueError("mot secret"),
    503: OperationalError("mot secret"),
}


def breaks(request: HttpRequest, status: int) -> HttpResponse:
    raise ERRORS[status]


urlpatterns = [path("casse/<int:status>", breaks, name="breaks")]


@pytest.fixture
def broken(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    from soutien.doors import urls

    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, *urlpatterns])
    from django.urls import clear_url_caches

    clear_url_caches()
    opened = access.Access(access.Door.PUBLIC)
    monkeypatch.setattr(access, "ACCESS", {**access.ACCESS, "breaks": opened})
    yield Client(raise_request_exception=False)
    clear_url_caches()


@pytest.mark.django_db
@pytest.mark.parametrize("status", ERRORS)
def test_each_failure_has_a_page_with_a_reference_and_no_data(broken: Client, status: int):
    answer = broken.get(f"/casse/{status}")
    page = answer.content.decode()
    assert answer.status_code == status
    assert "mot secret" not in page
    assert answer["X-Request-ID"] in page
    assert 'lang="fr"' in page
    assert "<h1" in page
    assert "no-store" in answer["Cache-Control"]
    assert ("Retry-After" in answer) is (status == 503)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 500, 503])
@pytest.mark.parametrize(("path", "lang"), [("/aide", "fr"), ("/en/aide", "en")])
def test_each_page_is_in_the_language_of_its_address(rf: Any, status: int, path: str, lang: str):
    page = failure(rf.get(path), status).content.decode()
    assert f'lang="{lang}"' in page


def test_every_page_is_made_while_the_database_is_silent(rf: Any, monkeypatch: pytest.MonkeyPatch):
    """No fixture opens the database here: asking it anything fails the test."""

    class Silent:
        @property
        def is_authenticated(self) -> bool:
            raise OperationalError("no database")

    request = rf.get("/mon-annee")
    request.user = Silent()
    for status in (400, 403, 404, 405, 413, 500, 503):
        answer = failure(request, status)
        assert answer.status_code == status
        assert b"<h1" in answer.content


@pytest.mark.django_db
def test_a_method_that_is_not_for_an_address_is_told_in_words():
    answer = Client().post("/aide")
    assert answer.status_code == 405
    assert answer["Allow"]
    assert "ne s’utilise pas ainsi" in answer.content.decode()


@pytest.mark.django_db
def test_what_is_too_heavy_is_refused_by_its_length_before_it_is_read(settings: Any):
    class Unread:
        def read(self, *_size: int) -> bytes:
            raise AssertionError("It was read.")

        readline = read

    for kind, length in (
        ("application/x-www-form-urlencoded", settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1),
        ("multipart/form-data; boundary=x", 100 * 1024 * 1024),
        ("application/json", 100 * 1024 * 1024),
        ("text/plain", "many"),
    ):
        answer = Client().generic(
            "POST",
            "/connexion",
            b"",
            kind,
            **{"CONTENT_LENGTH": str(length), "wsgi.input": Unread()},
        )
        assert answer.status_code == 413, kind
        assert "trop lourd" in answer.content.decode()


def test_a_failure_of_a_form_without_its_token_is_ours(settings: Any):
    assert f"{failures.__name__}.csrf_failure" == settings.CSRF_FAILURE_VIEW
