"""The role that runs the product may do what the product does, and write no history anew."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone
from tests.proof import served, town
from tests.proof.clients import Browser, account_session
from tests.proof.conftest import homes, new_product, template  # noqa: F401
from tests.proof.invariants import wrong_with
from tests.proof.served import Product
from tests.proof.town import DAY, HELD, WHO

from soutien.doors.cli import main as cli
from soutien.doors.database_roles import REMOVED_IN_TIME, RESEALED, append_only, apply, grants
from soutien.registers.care.models import CareSession
from soutien.registers.claims.models import Claim
from soutien.sealing import SealedTextField
from soutien.sealing.keyfile import KeyFile, write_key_file

REFUSED = psycopg.errors.InsufficientPrivilege
FIRST = {"audit_head": "lane", "audit_named": "entry_id"}
PROTECTED = {
    "audit_entry",
    "audit_named",
    "claims_caresheet",
    "claims_claim",
    "claims_decision",
    "claims_sheetline",
}


@pytest.fixture
def role() -> Iterator[str]:
    """A role of the server without any right."""
    name = f"proof_app_{uuid.uuid4().hex[:8]}"
    served.on_server(f"CREATE ROLE {name} LOGIN NOSUPERUSER")
    yield name
    # Its rights go with the scratch database, before it.
    served.on_server(f"DROP ROLE {name}")


def address_as(role: str, url: str) -> str:
    """The same database, as another role."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{role}@{host}").geturl()


@pytest.mark.race
def test_the_product_works_as_that_role_and_history_stays(
    role: str,
    new_product: Callable[..., Product],  # noqa: F811
) -> None:
    product = new_product()
    assert append_only() >= PROTECTED
    assert sealed_for_good() == set(RESEALED)
    assert apply(role) > 50
    # Once more changes nothing, as after each migration.
    apply(role)
    owner, product.url = product.url, address_as(role, product.url)
    where = town.room()
    past = where.free(timezone.now() - 3 * DAY, 1)[0]
    made = town.booked(where, town.insured(), past, "evaluation", past.starts_at - 9 * DAY)
    browser = Browser(product.start())
    doctor = Browser(browser.connection.port, session=account_session(where.account()))
    try:
        use(browser, doctor, where, town.close_path(made))
    finally:
        browser.close()
        doctor.close()
    for words in (["worker", "--once"], ["scheduler", "--once"], ["keys", "rotate", "--json"]):
        assert run_as_product(product, *words) == 0
    assert run_as_product(product, "backup", str(product.home / "backup")) == 0
    assert run_as_product(product, "audit", "verify") == 0
    assert CareSession.objects.count() == Claim.objects.count() == 1
    assert wrong_with(owner) == []
    for table in sorted(append_only()):
        for statement in against(table):
            if (table, statement[:6]) not in LEFT_TO_TRIGGERS:
                assert_refused(product.url, statement)
    forbidden = "CREATE TABLE mine (id int)", "DELETE FROM django_migrations"
    for statement in (*forbidden, "DROP TABLE outbox_letter", "TRUNCATE outbox_letter"):
        assert_refused(product.url, statement)


def sealed_for_good() -> set[str]:
    """Append-only tables with something sealed: another key must reach it."""
    return {
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.db_table in append_only()
        and any(isinstance(field, SealedTextField) for field in model._meta.fields)
    }


def use(browser: Browser, psychologist: Browser, where: town.Room, close: str) -> None:
    """A booking from its first page to its last, a session closed, a claim sent."""
    browser.take_token()
    slot = where.free(timezone.now() + DAY, 1)[0]
    held = browser.post(where.path, where.asked(slot))
    check = browser.post(held.location, WHO)
    assert browser.post(check.location, {}).location.startswith("/rendez-vous/")
    psychologist.take_token()
    sheet = psychologist.post(close, HELD).location
    assert sheet.startswith("/feuilles/")
    assert psychologist.post(f"{sheet}/envoyer", {}).location == sheet
    assert psychologist.get("/cabinet").status == 200


def run_as_product(product: Product, *words: str) -> int:
    """A command over the address of the narrow role; its code."""
    keys = product.home / "backup-keys"
    if not keys.exists():
        write_key_file(keys, KeyFile(["a key for backups alone, long enough"], []))
    environment = served.environment_of(product.url, product.home) | {
        "SOUTIEN_MAIL_COURIER": "soutien.doors.couriers.mailbox.LocalMailbox",
        "SOUTIEN_BACKUP_KEY_FILE": str(keys),
    }
    done = subprocess.run(
        [*served.SOUTIEN, *words],
        env=environment,
        cwd=product.home,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.returncode


# The ends of the journal move on, and former values go with their person: the triggers, not the
# role, say how and when.
LEFT_TO_TRIGGERS = {("audit_head", "UPDATE"), *((table, "DELETE") for table in REMOVED_IN_TIME)}


def against(table: str) -> list[str]:
    """Every way to write history anew."""
    return [
        f"UPDATE {table} SET {FIRST.get(table, 'id')} = {FIRST.get(table, 'id')}",
        f"DELETE FROM {table}",
        f"TRUNCATE {table}",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"DROP TRIGGER {table}_append_only ON {table}",
        f"DROP TABLE {table}",
        "SET session_replication_role = replica",
    ]


def assert_refused(url: str, statement: str) -> None:
    with psycopg.connect(url) as direct, pytest.raises(REFUSED):
        direct.execute(statement)


@pytest.mark.race
def test_twin_as_the_owner_history_can_be_unprotected(
    new_product: Callable[..., Product],  # noqa: F811
) -> None:
    product = new_product()
    product.run_sql("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
    product.run_sql("DELETE FROM audit_entry")


@pytest.mark.postgres_only
@pytest.mark.django_db
def test_the_statements_are_printed_for_whoever_reads_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["database", "grants", 'odd "name']) == 0
    printed = capsys.readouterr().out
    assert 'GRANT SELECT, INSERT ON "audit_entry" TO "odd ""name";\n' in printed
    assert 'GRANT UPDATE ("facts") ON "claims_decision"' in printed
    assert "TRUNCATE" not in printed
    assert len(printed.splitlines()) == len(grants("x"))
    assert cli.main(["database", "grants", "nobody_of_that_name", "--apply"]) == 1
    assert "for a role that exists" in capsys.readouterr().err


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a file has no roles")
def test_a_file_has_no_roles(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["database", "grants", "x"]) == 1
    assert "SQLite has no roles" in capsys.readouterr().err
