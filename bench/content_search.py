"""How fast a portal's search answers: every choice counted, titles and extracts marked.

python -m bench.content_search [--pages 5000] [--rounds 400]

Pages are made up: words drawn as language draws them (a few everywhere, most of them rare), two
categories each. Without DATABASE_URL it works in an SQLite database of its own.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
KINDS = ("article", "article", "article", "page", "event", "place", "document")
PLACES = [f"Commune {number}" for number in range(40)]
SYLLABLES = ("ba", "co", "di", "fu", "la", "me", "ni", "po", "ra", "se", "ti", "vo", "bli", "tran")
VOCABULARY, WORDS_A_PAGE, AT_ONCE = 30_000, 220, 2_000
CATEGORIES = 32


def vocabulary(chance: Random) -> list[str]:
    """Words that no language has, the most frequent first."""
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        found["".join(chance.choices(SYLLABLES, k=chance.randint(2, 5)))] = None
    return list(found)


def fill(pages: int, chance: Random, known: list[str]) -> None:
    """A portal with so many pages, all read."""
    from django.db import transaction

    from soutien.registers.contents.indexing import entry_of, touch
    from soutien.registers.contents.models import Content, Entry, KnownWord, Town, Version
    from soutien.steps.settle import Arranged, settle_town

    names = tuple(f"Rubrique {number}" for number in range(CATEGORIES))
    town: Town = settle_town(code="FR", arranged=Arranged("Banc", categories=names), at=AT)
    categories = list(town.categories.order_by("rank"))
    heavy = list(accumulate(1 / (rank + 3) for rank in range(len(known))))
    through = Version.categories.through
    for first in range(0, pages, AT_ONCE):
        contents, versions, entries, pairs = [], [], [], []
        for number in range(first + 1, min(pages, first + AT_ONCE) + 1):
            words = chance.choices(known, cum_weights=heavy, k=WORDS_A_PAGE)
            live_from = AT - timedelta(hours=chance.randint(1, 40_000))
            kind = chance.choice(KINDS)
            begins = AT + timedelta(hours=chance.randint(-9_000, 3_000))
            content = Content(
                pk=number, town=town, kind=kind, slug=f"page-{number}", live_id=number,
                live_from=live_from, created_at=live_from, changed_at=live_from,
            )  # fmt: skip
            version = Version(
                pk=number, content=content, number=1, written_at=live_from, written_by="bench",
                title=" ".join(words[:6]), summary=" ".join(words[6:20]),
                body=" ".join(words[20:]),
                starts_at=begins if kind == "event" else None,
                place_town=chance.choice(PLACES) if kind in ("event", "place") else "",
            )  # fmt: skip
            own = chance.sample(categories, 2)
            contents.append(content)
            versions.append(version)
            pairs += [through(version_id=number, category=one) for one in own]
            entries.append(entry_of(content, version, [one.name for one in own], version.body))
        with transaction.atomic():
            Content.objects.bulk_create(contents)
            Version.objects.bulk_create(versions)
        through.objects.bulk_create(pairs)
        Entry.objects.bulk_create(entries, batch_size=200)
    KnownWord.objects.bulk_create(
        (KnownWord(language="fr", word=word, written=word) for word in known), batch_size=500
    )
    touch()


def questions(count: int, chance: Random, known: list[str]) -> list[str]:
    """What is asked: one to three words, frequent more often, a phrase, a slip, a beginning."""
    heavy = list(accumulate(1 / (rank + 3) for rank in range(len(known))))
    found = []
    for _number in range(count):
        words = chance.choices(known, cum_weights=heavy, k=chance.choice((1, 1, 2, 2, 3)))
        how = chance.random()
        if how < 0.1:
            words[-1] = words[-1][: max(3, len(words[-1]) - 2)]
        elif how < 0.2 and len(words[-1]) > 4:
            words[-1] = words[-1][:2] + words[-1][3:]
        text = " ".join(words)
        found.append(f'"{text}"' if 0.2 < how < 0.25 else text)
    return found


def timed(act: Callable[[str], Any], asked: list[str]) -> Iterator[float]:
    """Milliseconds of each."""
    for text in asked:
        began = time.perf_counter()
        act(text)
        yield 1_000 * (time.perf_counter() - began)


def told(name: str, milliseconds: list[float]) -> None:
    """One line: the median, and what nineteen of twenty stay under."""
    cuts = quantiles(milliseconds, n=100)
    print(f"{name:32} p50 {cuts[49]:7.2f} ms   p95 {cuts[94]:7.2f} ms   p99 {cuts[98]:7.2f} ms")


def by_like(text: str) -> list[int]:
    """What a site without an index does: every word anywhere in the text, the newest first."""
    from soutien.registers.contents.models import Entry

    found = Entry.objects.filter(language="fr", live_from__lte=AT)
    for word in text.replace('"', "").split():
        found = found.filter(told__icontains=word)
    return list(found.order_by("-live_from").values_list("pk", flat=True)[:10])


def by_database_rank(text: str) -> list[Any]:
    """What each database ranks by itself, without any count."""
    from django.db import connection

    words = text.replace('"', "").split()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            asked = " & ".join(f"'{word}'" for word in words)
            cursor.execute(
                "SELECT content_id, ts_rank(body_written_vector, q) AS worth FROM contents_entry, "
                "(SELECT %s::tsquery AS q) AS asked WHERE body_written_vector @@ q "
                "ORDER BY worth DESC LIMIT 10",
                [asked],
            )
        else:
            cursor.execute(
                "SELECT rowid FROM contents_words WHERE contents_words MATCH %s "
                "ORDER BY rank LIMIT 10",
                [" ".join(f'"{word}"' for word in words)],
            )
        return list(cursor.fetchall())


def measure(pages: int, rounds: int) -> None:
    """Fill, then ask."""
    from django.db import connection

    from soutien.registers.contents.search.asked import Choices
    from soutien.registers.contents.search.shelf import MEMORY
    from soutien.steps.seek import search_contents

    chance = Random(2026)
    known = vocabulary(chance)
    began = time.perf_counter()
    fill(pages, chance, known)
    print(f"{connection.vendor}: {pages:,} pages in {time.perf_counter() - began:.0f} s")
    began = time.perf_counter()
    MEMORY.shelf()
    print(f"{'read after a publication':32} {1_000 * (time.perf_counter() - began):.0f} ms")

    def search(text: str) -> Any:
        return search_contents(town="banc", language="fr", text=text, choices=Choices(), at=AT)

    asked = questions(rounds, chance, known)
    told("portal, words asked the first time", list(timed(search, asked)))
    told("portal", list(timed(search, asked)))
    told("ranked by the database, no count", list(timed(by_database_rank, asked[: rounds // 4])))
    told("LIKE, no count", list(timed(by_like, asked[: max(20, rounds // 20)])))


def main() -> None:
    """Prints one line for each way of searching."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=400)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        os.environ |= {"SOUTIEN_DEMO": "1", "SOUTIEN_HOME": folder}
        os.environ["DJANGO_SETTINGS_MODULE"] = "soutien.doors.settings"
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        measure(args.pages, args.rounds)


if __name__ == "__main__":
    main()
