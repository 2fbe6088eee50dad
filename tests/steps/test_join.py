"""Psychologists join, change and leave by the files that name them; their own words stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from tests import factories
from tests.factories import made_up_rpps
from tests.steps.refusals import refused

from soutien.registers.audit.models import Entry
from soutien.registers.psychologists import entries, queries
from soutien.registers.psychologists.models import (
    Agreement,
    Amendment,
    FieldSource,
    FormerNumber,
    ImportRun,
    PracticePlace,
    Psychologist,
    RegisteredPlace,
    Registration,
)
from soutien.steps import join
from soutien.steps.actor import ANONYMOUS, SYSTEM, Actor
from soutien.steps.said import (
    AgreementSaid,
    Change,
    FormerNumberLine,
    Outcome,
    PartnerSaid,
    PlaceSaid,
    RegisteredPlaceSaid,
    RegisterLine,
    Seen,
)

pytestmark = pytest.mark.django_db
FIRST, SECOND = date(2026, 11, 20), date(2026, 11, 21)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LYON = (45.7578, 4.8320)


def registered(serial: int, *, key: str = "L:R1", name: str = "Exemple", **said: str):
    """A line of the open file: self-employed in Lyon unless told otherwise."""
    place = RegisteredPlaceSaid(
        **{
            "key": key,
            "mode": key[0],
            "structure_name": "Cabinet",
            "siret": "",
            "finess": "",
            "address_line": "1 rue de l'Exemple",
            "complement": "",
            "postcode": "69001",
            "town_name": "Lyon",
            "insee": "69381",
            "latitude": LYON[0],
            "longitude": LYON[1],
            "position_precision": "hand",
            "phone": "0639980000",
            "email": "",
            "former_structure": "",
        }
        | said
    )
    return RegisterLine(made_up_rpps(serial), "Dominique", name, place)


def practice(key: str = "P:1", **said: object) -> PlaceSaid:
    """A place in a file of partners."""
    values = {
        "key": key,
        "label": "",
        "address_line": "1 rue de l'Exemple",
        "postcode": "69001",
        "town_name": "Lyon",
        "insee": "69381",
        "latitude": LYON[0],
        "longitude": LYON[1],
        "position_precision": "hand",
        "time_zone": "Europe/Paris",
    }
    return PlaceSaid(**(values | said))  # type: ignore[arg-type]


def period(start: str = "2024-01-01", before: str = "", line: int = 2) -> AgreementSaid:
    ends = date.fromisoformat(before) if before else None
    return AgreementSaid(line, date.fromisoformat(start), ends, None)


def partner(
    serial: int,
    *places: PlaceSaid,
    periods: Sequence[AgreementSaid] = (period(),),
    whole: bool = True,
    **fields: str | bool,
) -> PartnerSaid:
    """What a file of partners says of one psychologist."""
    names = {"given_name": "Dominique", "family_name": "Exemple"}
    return PartnerSaid(2, made_up_rpps(serial), "", names | fields, tuple(periods), places, whole)


def read_register(
    lines: Sequence[RegisterLine | FormerNumberLine],
    *,
    on: date = FIRST,
    parts: int = 1,
    seen: Seen | None = None,
    losses_allowed: bool = False,
) -> list[Change]:
    """A whole reading of the open file, in parts."""
    seen = Seen() if seen is None else seen
    run_id = join.begin_import(actor=SYSTEM, kind="rpps", file_name="x", source_on=on, at=NOW)
    common = {"actor": SYSTEM, "run_id": run_id, "source_on": on, "at": NOW}
    size = -(-len(lines) // parts) or 1
    outcomes = [
        join.record_register_lines(lines=lines[start : start + size], seen=seen, **common)
        for start in range(0, len(lines), size)
    ]
    outcomes.append(join.retire_from_register(seen=seen, losses_allowed=losses_allowed, **common))
    ids = entries.registered_partners(0, 100)
    outcomes.append(join.align_partners(psychologist_ids=ids, **common))
    join.finish_import(actor=SYSTEM, run_id=run_id, counts={}, whole=True, at=NOW)
    return [change for outcome in outcomes for change in outcome.changes]


def read_partners(
    said: Sequence[PartnerSaid], *, on: date = FIRST, seen: Seen | None = None
) -> Outcome:
    """A whole reading of the file of partners."""
    seen = Seen() if seen is None else seen
    run_id = join.begin_import(actor=SYSTEM, kind="partners", file_name="x", source_on=on, at=NOW)
    common = {"actor": SYSTEM, "run_id": run_id, "seen": seen, "source_on": on, "at": NOW}
    outcome = join.record_partners(partners=said, **common)
    outcome.changes.extend(join.retire_from_partners(**common).changes)
    join.finish_import(actor=SYSTEM, run_id=run_id, counts={}, whole=True, at=NOW)
    return outcome


def told(changes: Sequence[Change]) -> list[tuple[str, str]]:
    """What and which field, in order."""
    return [(change.what, change.field) for change in changes]


def everything() -> list[object]:
    """All that an import may write, but its own trace."""
    tables = (Psychologist, PracticePlace, Agreement, FieldSource, Registration, RegisteredPlace)
    return [*(list(table.objects.order_by("pk").values()) for table in tables)]


def shown(on: date = FIRST) -> list[str]:
    """RPPS numbers that the search finds around Lyon."""
    found = queries.candidates_near(*LYON, 50, on=on)
    keys = [one.psychologist_id for one in found]
    return sorted(Psychologist.objects.filter(pk__in=keys).values_list("rpps", flat=True))


def outside() -> list[str]:
    """Family names of those outside the programme around Lyon."""
    return [one.family_name for one in entries.out_of_network_near(*LYON, 50, on=FIRST)]


# The open file


def test_everybody_in_the_open_file_is_kept_with_every_place():
    lines = [registered(1), registered(1, key="S:R2"), registered(2, name="Modèle")]
    assert told(read_register(lines)) == [("added", ""), ("added", "")]
    assert Registration.objects.count() == 2
    assert RegisteredPlace.objects.count() == 3
    assert sorted(outside()) == ["Exemple", "Modèle"]
    assert Psychologist.objects.count() == 0


@pytest.mark.parametrize("parts", [1, 3])
def test_the_same_file_twice_changes_nothing(parts: int):
    lines = [registered(1), registered(2), registered(1, key="L:R2"), registered(1)]
    read_register(lines, parts=parts)
    before = everything()
    assert read_register(lines, on=SECOND, parts=parts) == []
    assert everything() == before
    assert not Amendment.objects.exists()


def test_a_change_is_told_field_by_field_and_the_former_value_kept():
    read_register([registered(1)])
    changed = registered(1, name="Modèle", address_line="2 rue du Modèle", phone="0639980001")
    changes = read_register([changed], on=SECOND)
    assert told(changes) == [
        ("changed", "family_name"),
        ("changed", "address_line"),
        ("changed", "phone"),
    ]
    row = Registration.objects.get()
    assert (row.family_name, row.search_name, row.source_on) == (
        "Modèle",
        "dominique modele",
        SECOND,
    )
    kept = Amendment.objects.order_by("id").values_list("field", "before", "after")
    assert list(kept)[0] == ("family_name", "Exemple", "Modèle")


def test_who_is_gone_stays_in_history_and_leaves_the_search_at_once():
    read_register([registered(1), registered(2, name="Modèle")])
    assert told(read_register([registered(1)], on=SECOND)) == [("gone", "")]
    assert Registration.objects.get(rpps=made_up_rpps(2)).gone_on == SECOND
    assert outside() == ["Exemple"]
    assert told(read_register([registered(1), registered(2, name="Modèle")], on=SECOND)) == [
        ("returned", "")
    ]
    assert sorted(outside()) == ["Exemple", "Modèle"]


def test_a_place_that_is_gone_closes_and_opens_again():
    both = [registered(1), registered(1, key="L:R2", address_line="2 rue du Modèle")]
    read_register(both)
    assert told(read_register(both[:1], on=SECOND)) == [("changed", "place")]
    assert RegisteredPlace.objects.get(key="L:R2").closed_on == SECOND
    assert told(read_register(both, on=SECOND)) == [("changed", "place")]
    assert RegisteredPlace.objects.get(key="L:R2").closed_on is None


def test_a_refused_line_makes_nobody_gone():
    read_register([registered(1), registered(1, key="L:R2"), registered(2)])
    seen = Seen()
    seen.doubt(made_up_rpps(1))
    seen.doubt(made_up_rpps(2))
    assert read_register([registered(1)], on=SECOND, seen=seen) == []


def test_a_file_cut_short_hides_nobody():
    lines = [registered(serial) for serial in range(1, 60)]
    read_register(lines)
    with refused("import_too_many_gone") as caught:
        read_register(lines[:30], on=SECOND)
    assert caught.value.context == {"gone": 29, "known": 59}
    assert not Registration.objects.filter(gone_on__isnull=False).exists()
    assert len(read_register(lines[:30], on=SECOND, losses_allowed=True)) == 29


def test_an_older_file_is_refused():
    read_register([registered(1)], on=SECOND)
    with refused("import_older"):
        read_register([registered(1)], on=FIRST)


def test_a_killed_import_can_be_run_again():
    common = {"actor": SYSTEM, "source_on": FIRST, "at": NOW}
    killed = join.begin_import(kind="rpps", file_name="x", **common)
    lines = [registered(1), registered(2), registered(1, key="L:R2")]
    join.record_register_lines(run_id=killed, lines=lines[:1], seen=Seen(), **common)
    assert told(read_register(lines)) == [("added", ""), ("changed", "place")]
    assert RegisteredPlace.objects.count() == 3
    assert ImportRun.objects.get(pk=killed).state == "overtaken"
    with refused("import_overtaken"):
        join.record_register_lines(run_id=killed, lines=lines[1:], seen=Seen(), **common)


def test_a_rehearsal_says_the_same_and_writes_nothing():
    lines = [registered(1), registered(2), registered(1, key="L:R2"), registered(3)]
    common = {"actor": SYSTEM, "source_on": FIRST, "at": NOW, "run_id": None}
    seen = Seen()
    parts = (lines[:2], lines[2:])
    rehearsed = [
        change
        for part in parts
        for change in join.record_register_lines(lines=part, seen=seen, **common).changes
    ]
    assert not join.retire_from_register(seen=seen, **common).changes
    assert everything() == [[]] * 6
    assert not Entry.objects.exists()
    assert told(rehearsed) == [("added", "")] * 3


def test_former_adeli_numbers_are_history_only():
    line = FormerNumberLine("699300001", "Dominique", "Exemple")
    read_register([line])
    read_register([line])
    assert FormerNumber.objects.get().rpps == ""
    read_partners([partner(1, practice())._replace(adeli="699300001")])
    assert FormerNumber.objects.get().rpps == made_up_rpps(1)
    assert FormerNumber.objects.get().source_on == FIRST


# The file of partners


def test_a_partner_joins_with_agreement_fields_and_place():
    outcome = read_partners([partner(1, practice(), phone="0639980001", offers_video=True)])
    assert told(outcome.changes) == [("added", "")]
    assert shown() == [made_up_rpps(1)]
    row = Psychologist.objects.get()
    assert (row.phone, row.offers_video, row.search_name) == (
        "0639980001",
        True,
        "dominique exemple",
    )
    assert entries.sources_of(row.pk)["phone"] == ("partner_file", FIRST)
    assert row.joined_partners_on == FIRST


def test_the_same_partners_twice_change_nothing():
    said = [partner(1, practice(), practice("P:2", address_line="2 rue du Modèle"), phone="")]
    read_partners(said)
    before = everything()
    assert read_partners(said, on=SECOND) == Outcome([], [])
    assert everything() == before


def test_a_partner_without_a_name_takes_that_of_the_open_file():
    nameless = partner(1, practice(), family_name="", given_name="")
    outcome = read_partners([nameless])
    assert [refusal.column for refusal in outcome.refused] == ["family_name"]
    assert not Psychologist.objects.exists()
    read_register([registered(1, name="Modèle")])
    read_partners([nameless])
    assert Psychologist.objects.get().family_name == "Modèle"
    read_register([registered(1, name="Autre")], on=SECOND)
    assert Psychologist.objects.get().family_name == "Autre"


def test_a_partner_left_out_is_hidden_and_stays_under_agreement():
    read_partners([partner(1, practice()), partner(2, practice())])
    outcome = read_partners([partner(1, practice())], on=SECOND)
    assert told(outcome.changes) == [("gone", "")]
    assert shown(SECOND) == [made_up_rpps(1)]
    assert Agreement.objects.get(psychologist__rpps=made_up_rpps(2)).valid_before is None
    back = read_partners([partner(1, practice()), partner(2, practice())], on=SECOND)
    assert told(back.changes) == [("returned", "")]
    assert len(shown(SECOND)) == 2


def test_a_partner_who_left_the_open_file_is_hidden_at_once():
    read_register([registered(1), registered(2)])
    read_partners([partner(1, practice()), partner(2, practice())])
    read_register([registered(1)], on=SECOND)
    assert shown(SECOND) == [made_up_rpps(1)]
    read_register([registered(1), registered(2)], on=SECOND)
    assert len(shown(SECOND)) == 2


def test_the_others_are_not_concerned_by_who_is_gone():
    own = factories.psychologist(under_agreement_from=date(2024, 1, 1))
    factories.place(own)
    read_register([registered(900)])
    read_partners([partner(900, practice())])
    assert shown() == sorted([own.rpps, made_up_rpps(900)])


def test_what_psychologists_wrote_themselves_is_never_overwritten():
    read_partners([partner(1, practice(), phone="0639980001", offers_video=False)])
    row = Psychologist.objects.get()
    row.phone, row.offers_video = "0639980009", True
    row.save()
    said = partner(1, practice(), phone="0639980002", offers_video=False)
    outcome = read_partners([said], on=SECOND)
    assert told(outcome.changes) == [("kept", "phone"), ("kept", "offers_video")]
    row.refresh_from_db()
    assert (row.phone, row.offers_video) == ("0639980009", True)
    assert entries.sources_of(row.pk)["phone"].source == "own_words"
    # Even when the file once says the same, the word stays theirs.
    read_partners([partner(1, practice(), phone="0639980009")], on=SECOND)
    read_partners([partner(1, practice(), phone="0639980003")], on=SECOND)
    row.refresh_from_db()
    assert row.phone == "0639980009"


def test_a_text_that_the_psychologist_emptied_stays_empty():
    read_partners([partner(1, practice(), phone="0639980001")])
    Psychologist.objects.update(phone="")
    read_partners([partner(1, practice(), phone="0639980001")], on=SECOND)
    assert Psychologist.objects.get().phone == ""


def test_only_what_is_blank_is_filled_where_no_file_ever_wrote():
    own = factories.psychologist(rpps=made_up_rpps(1), phone="", email="own@example.org")
    said = partner(1, phone="0639980001", email="file@example.org", offers_video=True)
    outcome = read_partners([said])
    own.refresh_from_db()
    assert (own.phone, own.email, own.offers_video) == ("0639980001", "own@example.org", False)
    assert ("kept", "email") in told(outcome.changes)


def test_the_file_of_partners_is_stronger_than_the_open_file():
    read_register([registered(1, name="Registre", phone="0639980005")])
    read_partners([partner(1, practice(), family_name="Partenaire", phone="0639980006")])
    read_register([registered(1, name="Autre", phone="0639980007")], on=SECOND)
    row = Psychologist.objects.get()
    assert (row.family_name, row.phone) == ("Partenaire", "0639980006")


def test_a_partner_without_an_address_is_shown_where_the_open_file_says():
    read_register([registered(1), registered(1, key="S:R2", address_line="Hôpital")])
    outcome = read_partners([partner(1)])
    assert told(outcome.changes) == [("added", "")]
    [place] = PracticePlace.objects.all()
    assert (place.source, place.address_line) == ("register", "1 rue de l'Exemple")
    assert shown() == [made_up_rpps(1)]
    assert outside() == []
    read_register([registered(1, address_line="5 rue du Modèle")], on=SECOND)
    assert PracticePlace.objects.get().address_line == "5 rue du Modèle"
    read_partners([partner(1, practice(address_line="9 rue de la File"))], on=SECOND)
    open_places = PracticePlace.objects.filter(closed_on__isnull=True)
    assert [place.source for place in open_places] == ["partner_file"]


def test_a_partner_without_any_place_is_told():
    assert ("placeless", "") in told(read_partners([partner(1)]).changes)


def test_a_place_that_moves_within_its_town_keeps_its_hours():
    read_partners([partner(1, practice())])
    place = PracticePlace.objects.get()
    factories.opening(place, 0, valid_from=FIRST)
    moved = practice("P:2", address_line="3 rue du Modèle")
    read_partners([partner(1, moved)], on=SECOND)
    place.refresh_from_db()
    assert (place.address_line, place.closed_on) == ("3 rue du Modèle", None)


def test_a_place_with_hours_is_never_closed_by_a_file():
    elsewhere = practice("P:2", insee="69266", town_name="Villeurbanne")
    read_partners([partner(1, practice(), elsewhere)])
    place = PracticePlace.objects.get(source_key="P:2")
    factories.opening(place, 0, valid_from=FIRST)
    outcome = read_partners([partner(1, practice())], on=SECOND)
    assert told(outcome.changes) == [("kept", "place")]
    place.refresh_from_db()
    assert place.closed_on is None


def test_a_place_without_hours_closes_with_its_line_and_leaves_the_search():
    far = practice("P:2", insee="75111", latitude=48.86, longitude=2.38)
    read_partners([partner(1, practice(), far)])
    read_partners([partner(1, practice())], on=SECOND)
    assert PracticePlace.objects.get(source_key="P:2").closed_on == SECOND
    assert queries.candidates_near(48.86, 2.38, 5, on=SECOND) == []
    psychologist = queries.by_public_id(Psychologist.objects.get().public_id)
    assert psychologist is not None
    assert [place.source_key for place in psychologist.places.all()] == ["P:1"]


def test_a_place_is_not_closed_when_a_line_of_its_psychologist_was_refused():
    far = practice("P:2", insee="75111")
    read_partners([partner(1, practice(), far)])
    read_partners([partner(1, practice(), whole=False)], on=SECOND)
    assert not PracticePlace.objects.filter(closed_on__isnull=False).exists()


def test_a_place_that_the_psychologist_corrected_stays_as_corrected():
    read_partners([partner(1, practice())])
    PracticePlace.objects.update(address_line="1 bis rue de l'Exemple", step_free=True)
    for said in (practice(), practice(address_line="1, RUE DE L'EXEMPLE")):
        read_partners([partner(1, said)], on=SECOND)
    [place] = PracticePlace.objects.all()
    assert (place.address_line, place.source) == ("1 bis rue de l'Exemple", "own_words")
    read_partners([partner(1)], on=SECOND)
    assert PracticePlace.objects.get().closed_on is None


def test_a_place_of_their_own_is_not_doubled():
    own = factories.psychologist(rpps=made_up_rpps(1))
    factories.place(own, address_line="1 Rue de l’Exemple", insee="69381")
    read_partners([partner(1, practice())])
    assert PracticePlace.objects.count() == 1


# Agreements


def test_an_agreement_ends_on_the_day_the_file_gives():
    read_partners([partner(1, practice())])
    outcome = read_partners(
        [partner(1, practice(), periods=[period(before="2026-11-01")])], on=SECOND
    )
    assert told(outcome.changes) == [("changed", "agreement")]
    assert Agreement.objects.get().valid_before == date(2026, 11, 1)
    assert shown(SECOND) == []


def test_periods_that_follow_each_other_move_together():
    read_partners([partner(1, practice(), periods=[period(before="2025-01-01")])])
    both = [period(before="2025-06-01"), period("2025-06-01", line=3)]
    outcome = read_partners([partner(1, practice(), periods=both)], on=SECOND)
    assert not outcome.refused
    later = [period(before="2025-09-01"), period("2025-09-01", line=3)]
    outcome = read_partners([partner(1, practice(), periods=later)], on=SECOND)
    assert not outcome.refused
    rows = Agreement.objects.order_by("valid_from").values_list("valid_from", "valid_before")
    assert list(rows) == [
        (date(2024, 1, 1), date(2025, 9, 1)),
        (date(2025, 9, 1), None),
    ]


def test_an_agreement_that_overlaps_another_is_refused_with_its_line():
    two = [period(), period("2025-01-01", line=3)]
    outcome = read_partners([partner(1, practice(), periods=two)])
    assert [refusal[:2] for refusal in outcome.refused] == [(3, "agreement_from")]
    assert Agreement.objects.get().valid_from == date(2024, 1, 1)


def test_an_empty_cell_takes_no_resignation_back():
    resigned = period()._replace(resignation_received_on=date(2026, 10, 1))
    read_partners([partner(1, practice(), periods=[resigned])])
    read_partners([partner(1, practice())], on=SECOND)
    assert Agreement.objects.get().resignation_received_on == date(2026, 10, 1)


# Who may, and the trace


@pytest.mark.parametrize("actor", [ANONYMOUS, Actor("administrator"), Actor("psychologist")])
def test_only_the_product_itself_imports(actor: Actor):
    with refused("not_allowed"):
        join.begin_import(actor=actor, kind="rpps", file_name="x", source_on=FIRST, at=NOW)


def test_a_reading_leaves_its_trace_and_an_idle_one_a_short_trace():
    read_register([registered(1)])
    assert list(Entry.objects.order_by("id").values_list("event", flat=True)) == [
        "psychologists.import.begun",
        "psychologists.register.recorded",
        "psychologists.import.finished",
    ]
    read_register([registered(1)])
    assert Entry.objects.count() == 5
