"""The directory in memory finds whom the directory in the database finds."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from tests import factories

from soutien.registers.psychologists import changes, queries
from soutien.registers.psychologists.models import Agreement, PracticePlace, Psychologist
from soutien.registers.psychologists.nearby import Nearby

pytestmark = pytest.mark.django_db

ON = date(2026, 3, 2)
DAY = timedelta(days=1)
LYON = factories.LYON
LANGUAGES = ("fr", "fr,en", "fr,en,ar", "lsf", "")


def assert_same(kept: Nearby, where: tuple[float, float], km: float, **asked: Any) -> int:
    """The same people at the same places, in the same order; how many."""
    expected = queries.candidates_near(*where, km, **asked)
    found = sorted(kept.around(*where, km, **asked).rows())
    assert [near[1:] for near in found] == [
        (one.place_id, one.psychologist_id) for one in expected
    ]
    return len(found)


def anybody(random: Random) -> Psychologist:
    """Somebody with a place or two, up to 40 km from Lyon, often under agreement."""
    made = factories.psychologist(
        under_agreement_from=random.choice([ON - DAY, ON - DAY, ON, ON + DAY, None]),
        sees_adults=random.random() < 0.8,
        sees_children=random.random() < 0.4,
        offers_video=random.random() < 0.5,
        accepts_new_patients=random.random() < 0.7,
        languages=random.choice(LANGUAGES),
    )
    for _ in range(random.choice([0, 1, 1, 2, 3])):
        factories.place(
            made,
            latitude=LYON[0] + random.uniform(-0.4, 0.4),
            longitude=LYON[1] + random.uniform(-0.5, 0.5),
            step_free=random.random() < 0.5,
        )
    return made


def write(random: Random, everybody: list[Psychologist]) -> None:
    """One of the things that happen to a directory."""
    who = random.choice(everybody)
    row = Psychologist.objects.filter(pk=who.pk)
    places = PracticePlace.objects.filter(psychologist=who)
    acts = {
        "arrive": lambda: everybody.append(anybody(random)),
        "wishes": lambda: row.update(
            languages=random.choice([*LANGUAGES, "pl"]), sees_children=random.random() < 0.5
        ),
        "leave": lambda: row.update(left_partners_on=random.choice([ON, None])),
        "move": lambda: places.update(latitude=LYON[0] + random.uniform(-0.4, 0.4)),
        "close": lambda: places.update(closed_on=random.choice([ON, None])),
        "resign": lambda: Agreement.objects.filter(psychologist=who).update(
            resignation_received_on=random.choice([ON, ON + DAY, None])
        ),
        "suspend": lambda: factories.suspension(
            who, valid_from=ON + random.randint(-5, 5) * DAY, valid_before=ON + 6 * DAY
        ),
    }
    acts[random.choice(list(acts))]()


@pytest.mark.parametrize("seed", range(6))
def test_after_any_writes_the_same_are_found(seed: int):
    random = Random(seed)
    everybody = [anybody(random) for _ in range(25)]
    kept, position = Nearby(), changes.now()
    assert position is not None
    found = 0
    for _ in range(40):
        write(random, everybody)
        read = changes.since(position)
        assert read is not None
        position, written = read
        kept.forget(written.directory)
        where = (LYON[0] + random.uniform(-0.3, 0.3), LYON[1] + random.uniform(-0.3, 0.3))
        found += assert_same(
            kept,
            where,
            random.choice([5, 20, 50, 2000]),
            on=ON + random.choice([0, 0, 0, 1, 5]) * DAY,
            public=random.choice(["", "", "child", "adult"]),
            video=random.random() < 0.2,
            languages=random.choice([(), (), ("en",), ("ar", "lsf"), ("xx",)]),
            step_free=random.random() < 0.2,
            new_patients=random.random() < 0.5,
        )
    assert found > 40


def test_it_asks_the_database_once_a_day(django_assert_num_queries):
    for _ in range(3):
        factories.place(factories.psychologist(under_agreement_from=ON))
    kept = Nearby()
    assert len(kept.around(*LYON, 10, on=ON)) == len(kept) == 3
    with django_assert_num_queries(0):
        kept.around(*LYON, 30, on=ON, languages=["fr"])
    with django_assert_num_queries(2):
        kept.around(*LYON, 30, on=ON + DAY)


def test_the_whole_earth_and_its_edges_can_be_asked():
    made = factories.psychologist(under_agreement_from=ON)
    factories.place(made, latitude=-17.5, longitude=-149.6)
    kept = Nearby()
    for where in (LYON, (90.0, 0.0), (-90.0, 180.0), (0.0, -180.0)):
        assert_same(kept, where, 30_000, on=ON)


def test_who_is_not_under_agreement_for_ever_is_named():
    settled, ending, ended = (factories.psychologist(under_agreement_from=None) for _ in range(3))
    factories.agreement(settled, valid_from=ON)
    factories.agreement(ending, valid_from=ON, valid_before=ON + 9 * DAY)
    factories.agreement(ended, valid_from=ON - 9 * DAY, valid_before=ON)
    away = factories.psychologist(under_agreement_from=ON)
    factories.suspension(away, valid_from=ON + DAY)
    for who in (settled, ending, ended, away):
        factories.place(who)
    kept = Nearby()
    assert len(kept.around(*LYON, 1, on=ON)) == 3
    assert dict(kept.unsettled) == queries.standings([ending.pk, away.pk])


def test_an_unknown_public_is_refused():
    with pytest.raises(ValueError, match="adult, teenager, child"):
        Nearby().around(*LYON, 1, on=ON, public="everybody")
