"""The tables are made by the migrations once, and copied for every run and every worker after.

A run that finds no copy makes its tables by the migrations, as an operator does, and leaves a copy
in pytest's own cache (PostgreSQL: a template database for the other workers too). The copy's name
holds a digest of all that makes the tables, so that a changed migration is always run again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
import psycopg
import pytest
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).parents[1]
MAKERS = ("registers/*/migrations", "doors/*/migrations", "protections", "sealing")


def digest_of_the_tables() -> str:
    """Changes whenever something changes that the tables are made by."""
    digest = hashlib.sha256(django.__version__.encode())
    digest.update(repr(settings.INSTALLED_APPS).encode())
    for pattern in MAKERS:
        for directory in sorted((ROOT / "src" / "soutien").glob(pattern)):
            for path in sorted(directory.rglob("*.py")):
                digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


class SqliteCopy:
    """A file beside the cache, copied to where the tests' database will be."""

    def __init__(self, directory: Path, digest: str) -> None:
        self.file = directory / f"{digest}.sqlite3"

    def there(self) -> bool:
        """Whether it was kept."""
        return self.file.exists()

    def bring(self) -> bool:
        """Puts the copy in place of the test database; says whether there was one."""
        if not self.there():
            return False
        shutil.copyfile(self.file, connection.settings_dict["TEST"]["NAME"])
        return True

    def fill(self, address: str) -> bool:
        """Puts the tables in a file that is not there yet, by its address; whether it did."""
        kind, _, path = address.partition(":///")
        if kind != "sqlite":
            return False
        shutil.copyfile(self.file, path)
        return True

    def keep(self) -> None:
        """Keeps the tables as they are now, empty."""
        half = self.file.with_suffix(".half")
        half.unlink(missing_ok=True)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(half)])
        half.rename(self.file)


class PostgresCopy:
    """A template database on the server, and its dump where ``pg_dump`` is at hand."""

    def __init__(self, directory: Path, digest: str) -> None:
        self.template = f"soutien_tables_{digest}"
        self.dump = directory / f"{digest}.{self._version()}.sql"

    def _server(self, name: str = "postgres") -> psycopg.Connection[Any]:
        parameters = connection.get_connection_params() | {"dbname": name}
        wanted = {"dbname", "host", "user", "password", "port"}
        words = {key: value for key, value in parameters.items() if key in wanted and value}
        return psycopg.connect(**words, autocommit=True)

    def _version(self) -> str:
        with self._server() as server:
            return str(server.info.server_version)

    def there(self) -> bool:
        """Whether the server has the template."""
        with self._server() as server:
            found = server.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [self.template]
            ).fetchone()
        return found is not None

    def bring(self) -> bool:
        """Names the template for the test database; says whether there is one."""
        if not self.there() and not self._load():
            return False
        settings.DATABASES["default"].setdefault("TEST", {})["TEMPLATE"] = self.template
        return True

    def _load(self) -> bool:
        if not self.dump.exists():
            return False
        half = f"{self.template}_half"
        with self._server() as server:
            server.execute(f"DROP DATABASE IF EXISTS {half}")
            server.execute(f"CREATE DATABASE {half}")
        with self._server(half) as loaded:
            loaded.execute(self.dump.read_text().encode())
        with self._server() as server:
            server.execute(f"ALTER DATABASE {half} RENAME TO {self.template}")
        return True

    def fill(self, address: str) -> bool:
        """Puts the tables in an empty database of another server; whether a dump allowed it."""
        if not (self.dump.exists() and address.startswith("postgresql:")):
            return False
        with psycopg.connect(address, autocommit=True) as empty:
            empty.execute(self.dump.read_text().encode())
        return True

    def keep(self) -> None:
        """Keeps the tables as they are now, empty."""
        name = str(connection.settings_dict["NAME"])
        connection.close()
        with self._server() as server:
            server.execute(f"CREATE DATABASE {self.template} TEMPLATE {name}")
        program = shutil.which("pg_dump")
        if program is None:
            return
        words = {key: str(connection.settings_dict[key] or "") for key in ("HOST", "PORT", "USER")}
        environment = os.environ | {f"PG{key}": value for key, value in words.items() if value}
        done = subprocess.run(
            [program, "--inserts", "--no-owner", self.template],
            env=environment | {"PGPASSWORD": str(connection.settings_dict["PASSWORD"] or "")},
            capture_output=True,
        )
        # A pg_dump older than the server refuses: the template alone is then all there is.
        if done.returncode == 0:
            lines = done.stdout.decode().splitlines()
            half = self.dump.with_suffix(".half")
            # Words for psql itself (\restrict) are no SQL.
            half.write_text("\n".join(line for line in lines if not line.startswith("\\")))
            half.rename(self.dump)


def kept_in(config: pytest.Config) -> Path:
    """Where copies are kept between runs."""
    return config.cache.mkdir("tables") if config.cache else ROOT / ".pytest_cache"


def copy_in(directory: Path) -> SqliteCopy | PostgresCopy:
    """The copy of the tables as they are made today, there or not."""
    kind = SqliteCopy if connection.vendor == "sqlite" else PostgresCopy
    return kind(directory, digest_of_the_tables())


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """SQLite's file is put in place before Django asks for it; its directory goes at the end."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def tables_brought(
    pytestconfig: pytest.Config, django_db_modify_db_settings: None
) -> Iterator[Callable[[], None]]:
    """Brings the copy; else nobody else makes the tables until what is given was called."""
    directory = kept_in(pytestconfig)
    with (directory / f"{connection.vendor}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        copy = copy_in(directory)
        missing = not copy.bring()

        def done() -> None:
            # Without a test that says it needs the database, none was made.
            if missing and "django_migrations" in connection.introspection.table_names():
                copy.keep()
            fcntl.flock(lock, fcntl.LOCK_UN)

        yield done


@pytest.fixture(scope="session")
def django_db_setup(
    tables_brought: Callable[[], None], django_db_setup: None, django_db_blocker: Any
) -> None:
    """pytest-django's own, over a copy of the tables when there is one."""
    with django_db_blocker.unblock():
        tables_brought()


@pytest.fixture(scope="session")
def tables_kept(
    pytestconfig: pytest.Config, django_db_setup: None, django_db_blocker: Any
) -> SqliteCopy | PostgresCopy:
    """A copy of empty tables, for databases of one's own: as this run brought or made it."""
    copy = copy_in(kept_in(pytestconfig))
    if not copy.there():
        with django_db_blocker.unblock():
            name = connection.settings_dict["NAME"]
            connection.creation.create_test_db(verbosity=0, autoclobber=True)
            copy.keep()
            connection.creation.destroy_test_db(name, verbosity=0)
    return copy
