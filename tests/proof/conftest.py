"""Products over scratch databases, started once for a module, or for one test."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.migrated_once import PostgresCopy
from tests.proof.served import Product, address_of, files_of_pages, scratch_product


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory for the homes of the products."""
    return tmp_path_factory.mktemp("proof")


@pytest.fixture(scope="session")
def template(homes: Path, tables_kept: PostgresCopy) -> str:
    """An empty migrated database to copy from; the pages' files are made too."""
    home = homes / "template"
    home.mkdir()
    files_of_pages(address_of(tables_kept.template), home)
    return tables_kept.template


@contextmanager
def over_scratch(template: str, homes: Path, blocker: Any) -> Iterator[Callable[..., Product]]:
    """Makes products without a process, each with an empty database; all end with the block.

    The tests' own connection then uses the database of the last one made.
    """
    with blocker.unblock(), ExitStack() as stack:

        def make(*, may_fail: bool = False) -> Product:
            home = homes / uuid.uuid4().hex[:8]
            home.mkdir()
            return stack.enter_context(scratch_product(template, home, may_fail=may_fail))

        yield make


@pytest.fixture(scope="module")
def product(template: str, homes: Path, django_db_blocker: Any) -> Iterator[Product]:
    """The product itself: two processes of ``soutien serve`` over one database."""
    with over_scratch(template, homes, django_db_blocker) as make:
        made = make()
        made.start()
        made.start()
        yield made


@pytest.fixture
def new_product(
    template: str, homes: Path, django_db_blocker: Any
) -> Iterator[Callable[..., Product]]:
    """Makes products for one test: for the twins, which lose what protects them."""
    with over_scratch(template, homes, django_db_blocker) as make:
        yield make
