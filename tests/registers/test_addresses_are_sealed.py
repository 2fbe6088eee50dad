"""Whose an account is, is sealed: the address and the shown name, from before too."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from tests import factories

from soutien.registers.accounts import queries as accounts
from soutien.registers.accounts.models import Account

BEFORE = ("accounts", "0003_recovery_codes_have_a_name")


def stored() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_account ORDER BY id")
        return list(cursor.fetchall())


def text_of(row: tuple[object, ...]) -> str:
    parts = [bytes(part) if isinstance(part, memoryview) else part for part in row]
    return " ".join(
        part.decode("latin-1") if isinstance(part, bytes) else str(part) for part in parts
    )


@pytest.mark.django_db
def test_a_copy_of_the_table_tells_neither_address_nor_name():
    factories.account(email="camille.lherm@example.org", display_name="Camille Lherm")
    [row] = stored()
    assert not any(word in text_of(row).lower() for word in ("camille", "lherm", "example"))
    made = Account.objects.get()
    assert (made.email, made.display_name) == ("camille.lherm@example.org", "Camille Lherm")
    assert "camille" not in made.email_index


@pytest.mark.django_db
def test_an_address_belongs_to_one_account_by_the_index_itself():
    """Past everything that is ours: the database refuses it."""
    first = factories.account(email="camille@example.org")
    second = factories.account(email="sam@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(pk=second.pk).update(email_index=first.email_index)


@pytest.mark.django_db
def test_an_address_that_changes_signs_in_and_the_former_one_no_more():
    made = factories.account(email="camille@example.org")
    accounts.record_email(made.pk, " Sam@Example.org")
    assert authenticate(username="SAM@example.org", password="password") == made
    assert authenticate(username="camille@example.org", password="password") is None
    assert accounts.by_email("camille@example.org") is None
    assert factories.reread(made).email == "sam@example.org"


@pytest.mark.django_db
def test_accounts_are_listed_by_address_and_found_by_the_whole_of_it():
    made = [factories.account(email=f"{name}@example.org") for name in ("noa", "ada", "lou")]
    assert [account.email[:3] for account in accounts.by_address()] == ["ada", "lou", "noa"]
    assert accounts.by_address(email="NOA@example.org") == [made[0]]
    assert accounts.by_address(email="noa") == []
    assert accounts.by_address("person", "noa@example.org") == []


@pytest.mark.django_db
def test_the_framework_opens_an_administrator_by_address(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a long enough password")
    words = {"email": "Root@example.org", "role": "administrator", "interactive": False}
    call_command("createsuperuser", verbosity=0, **words)
    assert authenticate(username="root@example.org", password="a long enough password")


@pytest.mark.django_db(transaction=True)
def test_what_was_there_is_sealed_on_the_way_and_opens_on_the_way_back():
    known = factories.account(email="camille.lherm@example.org", display_name="Camille Lherm")
    unnamed = factories.account(email="sam@example.org")
    try:
        MigrationExecutor(connection).migrate([BEFORE])
        with connection.cursor() as cursor:
            cursor.execute("SELECT email, display_name FROM accounts_account ORDER BY email")
            assert cursor.fetchall() == [
                ("camille.lherm@example.org", "Camille Lherm"),
                ("sam@example.org", ""),
            ]
            with pytest.raises(IntegrityError), transaction.atomic():
                cursor.execute(
                    "UPDATE accounts_account SET email = %s WHERE id = %s",
                    ["sam@example.org", known.pk],
                )
    finally:
        # To the last of all, not only the one under test: other tests go on here.
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert not any("camille" in text_of(row).lower() for row in stored())
    assert authenticate(username="camille.lherm@example.org", password="password") == known
    kept = factories.reread(known)
    assert (kept.email, kept.display_name) == ("camille.lherm@example.org", "Camille Lherm")
    assert factories.reread(unnamed).display_name == ""
