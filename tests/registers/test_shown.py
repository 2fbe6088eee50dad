"""The entries kept in memory are those of the tables, whatever was written since."""

from __future__ import annotations

import pytest
from tests import factories

from soutien.registers.psychologists import changes, shown
from soutien.registers.psychologists.models import PracticePlace, Psychologist
from soutien.registers.psychologists.queries import directory_rows
from soutien.registers.psychologists.shown import Shown

pytestmark = pytest.mark.django_db


def three() -> list[int]:
    return [factories.place(factories.psychologist()).pk for _ in range(3)]


def test_an_entry_shown_again_is_not_read_again(django_assert_num_queries):
    kept, places = Shown(), three()
    assert kept.rows(places) == directory_rows(places)
    with django_assert_num_queries(0):
        assert list(kept.rows(places[::-1])) == places[::-1]


@pytest.mark.parametrize("what", ["name", "street", "moved to somebody else", "deleted"])
def test_what_was_written_is_read_again(what: str):
    kept, places = Shown(), three()
    position = changes.now()
    assert position is not None
    before = kept.rows(places)
    row, other = before[places[0]], before[places[1]]
    place = PracticePlace.objects.filter(pk=places[0])
    if what == "name":
        Psychologist.objects.filter(pk=row.psychologist_id).update(family_name="Autrement")
    elif what == "street":
        place.update(address_line="1 rue Neuve")
    elif what == "moved to somebody else":
        place.update(psychologist_id=other.psychologist_id)
    else:
        place.delete()
    assert kept.rows(places) == before
    read = changes.since(position)
    assert read is not None
    kept.forget(read[1].directory)
    assert kept.rows(places) == directory_rows(places) != before


def test_no_more_are_kept_than_agreed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shown, "MOST_KEPT", 3)
    kept, places = Shown(), three()
    kept.rows(places[:2])
    assert len(kept.rows(places)) == len(kept) == 3
    more = [places[0], *three()]
    assert kept.rows(more) == directory_rows(more)
    assert len(kept) == 4


def test_a_place_that_does_not_exist_is_left_out():
    assert Shown().rows([4_000_000]) == {}
