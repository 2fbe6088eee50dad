"""A key is replaced while the product reads and writes: nothing is lost, everything is found."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, connection, transaction
from tests import factories

from soutien.registers.accounts import queries as accounts
from soutien.registers.claims.models import CareSheet, Decision
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.registers.waiting import queries as waiting
from soutien.registers.waiting.models import Offer, Wait
from soutien.sealing import BlindIndexField, columns, rotation
from soutien.sealing.keyring import keyring

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
SECONDS = 4
NEW_KEY = "the key that takes over, long enough"
# The same question, which every row answers: what the comparison would have noticed is lost.
BLIND = staticmethod(lambda names: " AND ".join(f"({name} = %s OR true)" for name in names))


@pytest.fixture
def taken_over(settings: Any) -> Callable[[], None]:
    """Puts a new key first; the former one still opens."""

    def take_over() -> None:
        settings.SEALING_KEYS_OLD = [settings.SEALING_KEY]
        settings.SEALING_KEY = NEW_KEY

    return take_over


def keys_used() -> set[bytes]:
    return {use.key_id for use in columns.uses()}


def claimed() -> Decision:
    """One person with everything up to a decision."""
    who, place = factories.person(at=AT, with_nir=True), factories.place(factories.psychologist())
    sheet = factories.care_sheet(factories.care_session(who, place, held_on=AT.date()))
    facts = {"adult_on": 739_999}
    return factories.decision(factories.claim(sheet, received_on=AT.date()), facts=facts)


def waits(email: str = "lou@example.org", **fields: Any) -> Wait:
    """Somebody in the queue."""
    place = factories.place(factories.psychologist())
    return waiting.add_wait(
        psychologist_id=place.psychologist_id,
        need="self",
        name="Lou",
        email=email,
        phone="",
        joined_at=AT,
        **fields,
    )


def offered(wait: Wait, number: int) -> Offer:
    """A time kept for them."""
    place = factories.place(factories.psychologist())
    starts_at = AT + timedelta(days=7 + number)
    booking = factories.booking(place, starts_at=starts_at, status="held", held_until=starts_at)
    return waiting.make_offer(
        wait, booking=booking, made_at=AT, answer_before=AT + timedelta(hours=4)
    )


@pytest.mark.django_db
def test_everything_is_sealed_again_and_opens_with_the_new_key_alone(taken_over, settings):
    decision, wait = claimed(), waits()
    offer = offered(wait, 1)
    printed = CareSheet.objects.get().printed
    nir = Person.objects.get(nir_index__isnull=False).nir
    taken_over()
    outcome = rotation.rotate()
    assert outcome.left == 0
    assert not outcome.unopened
    assert outcome.done == len(Person.objects.all()) + 1 + 1 + 1 + 1
    assert keys_used() == {keyring().current.key_id}
    settings.SEALING_KEYS_OLD = []
    assert factories.reread(decision).facts == {"adult_on": 739_999}
    assert CareSheet.objects.get().printed == printed
    found = people.by_nir(nir)
    assert found is not None
    assert found.nir == nir
    assert factories.reread(wait).email_index == waiting.email_index("lou@example.org")
    assert factories.reread(offer).email_index == waiting.email_index("lou@example.org")


@pytest.mark.django_db
def test_a_second_rotation_has_nothing_to_do(taken_over):
    claimed()
    taken_over()
    assert rotation.rotate().done
    assert rotation.rotate() == rotation.Outcome(0, 0, (), 0)


@pytest.mark.django_db
def test_a_rotation_that_was_stopped_goes_on_where_it_was(taken_over, monkeypatch):
    for _number in range(5):
        factories.person(at=AT, with_nir=True)
    taken_over()
    sealing, seen = rotation.resealed, []

    def stopped(*given: Any) -> bytes:
        seen.append(given)
        if len(seen) > 8:
            raise KeyboardInterrupt
        return sealing(*given)

    monkeypatch.setattr(rotation, "resealed", stopped)
    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(batch=2)
    left = rotation.to_do()["people_person"]
    assert 0 < left < 5
    monkeypatch.setattr(rotation, "resealed", sealing)
    assert rotation.rotate(batch=2).done == left
    assert rotation.to_do()["people_person"] == 0


def overwritten_in_between(monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody saves a new phone number between the reading and the writing of its row."""
    made = factories.person(at=AT, phone="06 00 00 00 01")
    sealing = rotation.resealed

    def overtaken(field: Any, *given: Any) -> bytes:
        if field.name == "phone":
            monkeypatch.setattr(rotation, "resealed", sealing)
            mine = factories.reread(made)
            mine.phone = "06 00 00 00 02"
            mine.save()
        return sealing(field, *given)

    monkeypatch.setattr(rotation, "resealed", overtaken)
    return made


@pytest.mark.django_db
def test_what_is_written_meanwhile_stays(taken_over, monkeypatch):
    made = overwritten_in_between(monkeypatch)
    taken_over()
    outcome = rotation.rotate()
    assert outcome.overtaken
    assert outcome.left == 0
    assert factories.reread(made).phone == "06 00 00 00 02"


@pytest.mark.django_db
def test_twin_without_the_comparison_an_update_is_lost(taken_over, monkeypatch):
    made = overwritten_in_between(monkeypatch)
    taken_over()
    monkeypatch.setattr(rotation, "unchanged", BLIND)
    rotation.rotate()
    assert factories.reread(made).phone == "06 00 00 00 01"


@pytest.mark.django_db
def test_a_process_that_still_seals_with_the_former_key_is_told_of(taken_over, monkeypatch):
    made = factories.person(at=AT)
    taken_over()
    monkeypatch.setattr(rotation, "_table", lambda *_given: iter(()))
    outcome = rotation.rotate()
    assert outcome.left == 1
    assert factories.reread(made).given_name == made.given_name


@pytest.mark.django_db
def test_a_row_that_does_not_open_is_named_and_left_as_it_is(taken_over):
    made, other = factories.person(at=AT), factories.person(at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT given_name FROM people_person WHERE id = %s", [other.pk])
        taken = cursor.fetchone()[0]
        cursor.execute("UPDATE people_person SET given_name = %s WHERE id = %s", [taken, made.pk])
    taken_over()
    outcome = rotation.rotate()
    assert outcome.unopened == (f"people_person.given_name of row {made.pk}",)
    assert outcome.left == 1
    assert factories.reread(other).given_name == other.given_name


@pytest.mark.django_db
def test_meanwhile_a_nir_is_found_under_both_keys_and_taken_once(taken_over):
    first, second = factories.made_up_nir(1), factories.made_up_nir(2)
    before = factories.person(at=AT, nir=first)
    taken_over()
    after = factories.person(at=AT, nir=second)
    assert before.nir_index[:8] != after.nir_index[:8]
    assert people.by_nir(first) == before
    assert people.by_nir(second) == after
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.person(at=AT, nir=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        people.record_nir(after.pk, first)
    people.record_nir(after.pk, second)


@pytest.mark.django_db
def test_twin_by_the_current_index_alone_a_nir_would_be_taken_twice(taken_over, monkeypatch):
    nir = factories.made_up_nir(1)
    factories.person(at=AT, nir=nir)
    taken_over()
    monkeypatch.setattr(BlindIndexField, "refuse_another", lambda *_given, **_named: None)
    factories.person(at=AT, nir=nir)
    assert Person.objects.count() == 2


@pytest.mark.django_db
def test_meanwhile_an_address_signs_in_under_both_keys_and_opens_one_account(taken_over):
    before = factories.account(email="before@example.org", display_name="Camille Avant")
    taken_over()
    after = factories.account(email="after@example.org")
    assert before.email_index[:8] != after.email_index[:8]
    assert accounts.by_email(" BEFORE@example.org ") == before
    assert authenticate(username="before@example.org", password="password") == before
    assert authenticate(username="after@example.org", password="password") == after
    for taken in ("before@example.org", " Before@Example.org"):
        with pytest.raises(IntegrityError), transaction.atomic():
            factories.account(email=taken)
        with pytest.raises(IntegrityError), transaction.atomic():
            accounts.record_email(after.pk, taken)
    accounts.record_email(after.pk, "After@example.org")
    assert rotation.rotate().left == 0
    kept = factories.reread(before)
    assert (kept.email, kept.display_name) == ("before@example.org", "Camille Avant")
    assert kept.email_index[:8] == factories.reread(after).email_index[:8]
    assert accounts.by_email("before@example.org") == before


@pytest.mark.django_db
def test_twin_by_the_current_index_alone_an_address_would_open_two_accounts(
    taken_over, monkeypatch
):
    factories.account(email="before@example.org")
    taken_over()
    monkeypatch.setattr(BlindIndexField, "refuse_another", lambda *_given, **_named: None)
    factories.account(email="before@example.org")
    assert len(accounts.by_address(email="before@example.org")) == 2


@pytest.mark.django_db
def test_meanwhile_one_person_has_one_offer_under_both_keys(taken_over):
    former, alone = waits(), waits("alone@example.org")
    offered(former, 1)
    taken_over()
    later = waits(" LOU@example.org ")
    assert former.email_index != later.email_index
    assert waiting.not_looked_around() == [alone]
    with pytest.raises(IntegrityError), transaction.atomic():
        offered(later, 2)
    offered(alone, 3)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "sealed", "another"),
    [("claims_caresheet", "printed", "number"), ("claims_decision", "facts", "law_version")],
)
def test_a_row_written_once_changes_its_key_and_nothing_else(taken_over, table, sealed, another):
    claimed()
    model = {"claims_caresheet": CareSheet, "claims_decision": Decision}[table]
    row = model._default_manager.get()
    field = columns.SealedTextField
    found = model._meta.get_field(sealed)
    assert isinstance(found, field)

    def put(text: Any, extra: str = "") -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            made = found.sealed_for(text, found.row_of(row))
            cursor.execute(f"UPDATE {table} SET {sealed} = %s{extra}", [made])

    text = getattr(row, sealed)
    for refused in (lambda: put(text), lambda: put(text, f", {another} = 'X'")):
        with pytest.raises(IntegrityError, match=f"{table}_append_only"):
            refused()
    taken_over()
    longer = text | {"more": 1} if isinstance(text, dict) else f"{text} and more"
    for refused in (lambda: put(longer), lambda: put(text, f", {another} = 'X'")):
        with pytest.raises(IntegrityError, match=f"{table}_append_only"):
            refused()
    put(text)
    with pytest.raises(IntegrityError, match=f"{table}_append_only"):
        put(text)


@pytest.mark.django_db
@pytest.mark.parametrize("model", [CareSheet, Decision])
def test_the_protection_names_every_column_but_the_sealed_one(model):
    """On PostgreSQL it compares whole rows."""
    if connection.vendor != "sqlite":
        return
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sql FROM sqlite_master WHERE name = %s", [f"{table}_append_only_update"]
        )
        written = cursor.fetchone()[0]
    names = {field.column for field in model._meta.local_concrete_fields}
    sealed = {field.column for field in columns.sealed_tables() for field in field.sealed}
    assert {name for name in names - sealed if f"NEW.{name} IS OLD.{name}" not in written} == set()


class Writer(threading.Thread):
    """Alone with its rows, it counts up in each, and how often it finds another number there."""

    def __init__(self, mine: list[int], until: threading.Event) -> None:
        super().__init__()
        self.mine, self.until, self.lost, self.written = mine, until, 0, 0

    def run(self) -> None:
        try:
            told = dict.fromkeys(self.mine, "")
            while not self.until.is_set():
                for key in self.mine:
                    row = Person.objects.get(pk=key)
                    self.lost += bool(told[key]) and row.phone != told[key]
                    self.written += 1
                    row.phone = told[key] = str(self.written)
                    row.save(update_fields=["phone"])
        finally:
            connection.close()


def lost_updates(settings: Any) -> int:
    """Keys are replaced again and again while rows are written; how many writes are gone."""
    ids = [factories.person(at=AT).pk for _number in range(60)]
    until = threading.Event()
    writers = [Writer(ids[share::3], until) for share in range(3)]
    for writer in writers:
        writer.start()
    try:
        deadline, number = time.monotonic() + SECONDS, 0
        while time.monotonic() < deadline and not any(writer.lost for writer in writers):
            number += 1
            settings.SEALING_KEYS_OLD = [settings.SEALING_KEY, *settings.SEALING_KEYS_OLD[:3]]
            settings.SEALING_KEY = f"key number {number}, long enough for a test"
            while rotation.rotate().left:
                pass
    finally:
        until.set()
        for writer in writers:
            writer.join(timeout=30)
    assert all(writer.written > len(writer.mine) for writer in writers)
    return sum(writer.lost for writer in writers)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_no_write_is_lost_while_keys_are_replaced_on_postgresql(settings):
    assert lost_updates(settings) == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twin_without_the_comparison_writes_are_lost_on_postgresql(settings, monkeypatch):
    monkeypatch.setattr(rotation, "unchanged", BLIND)
    assert any(lost_updates(settings) for _try in range(5))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_rotation_waits_for_nobody_in_a_circle_on_postgresql(settings):
    """Somebody who locks two rows in the other order is not in its way."""
    one, two = factories.person(at=AT), factories.person(at=AT)
    settings.SEALING_KEYS_OLD = [settings.SEALING_KEY]
    settings.SEALING_KEY = NEW_KEY
    done: list[rotation.Outcome] = []

    def rotates() -> None:
        try:
            done.append(rotation.rotate())
        finally:
            connection.close()

    with transaction.atomic():
        Person.objects.select_for_update().get(pk=two.pk)
        thread = threading.Thread(target=rotates)
        thread.start()
        time.sleep(0.5)
        locked = Person.objects.select_for_update().get(pk=one.pk)
        assert locked.given_name == one.given_name
    thread.join(timeout=30)
    assert done[0].left == 0
