"""``soutien token``: make, list, revoke."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone
from tests import factories as make
from tests.doors.api.program import Program

from soutien.doors.cli.main import main
from soutien.registers.accounts.models import Role
from soutien.registers.api_keys.models import ApiKey

pytestmark = pytest.mark.django_db


def test_a_key_is_made_listed_and_revoked(capsys: pytest.CaptureFixture[str]):
    who = make.account(Role.PERSON, person=make.person(at=timezone.now()))
    assert main(["token", "make", who.email, "--name", "agenda", "--for", "read,book"]) == 0
    text = capsys.readouterr().out.strip()
    assert Program(text).get("/api/v1/me/year").status_code == 200
    assert main(["token", "list", who.email]) == 0
    listed = capsys.readouterr().out
    row = ApiKey.objects.get()
    assert str(row.public_id) in listed and "book,read" in listed and text not in listed
    assert main(["token", "revoke", str(row.public_id)]) == 0
    assert Program(text).get("/api/v1/me/year").status_code == 401


@pytest.mark.parametrize(
    "words",
    [
        ["make", "nobody@example.org", "--name", "x"],
        ["make", "", "--name", "x", "--days", "9999"],
        ["make", "", "--name", "x", "--for", "everything"],
        ["revoke", str(uuid4())],
    ],
)
def test_what_cannot_be_is_told(words: list[str], capsys: pytest.CaptureFixture[str]):
    who = make.account(Role.PERSON, person=make.person(at=timezone.now()))
    assert main(["token", *[word or who.email for word in words]]) == 1
    assert capsys.readouterr().err.startswith("soutien token: ")
    assert ApiKey.objects.count() == 0
