"""Fills an empty database with the demo's made-up country."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction

from soutien.doors.cli.demo_data import identifiers
from soutien.doors.cli.demo_data.accounts import create_accounts
from soutien.doors.cli.demo_data.agendas import Agenda, agenda
from soutien.doors.cli.demo_data.psychologists import Practitioner, practitioners
from soutien.doors.cli.demo_data.storing import Report, Tally, store
from soutien.doors.environment import SettingError
from soutien.registers.people.queries import add_person
from soutien.registers.psychologists.models import Psychologist

ZONE = ZoneInfo("Europe/Paris")


class Scale(NamedTuple):
    """How many of each are made."""

    psychologists: int = 6_700
    people: int = 2_000


FULL = Scale()


def load(*, at: datetime, progress: Report | None = None, scale: Scale = FULL) -> None:
    """Make the whole demo as it stands at a moment (UTC), one transaction a part.

    ``progress`` is told each part's name, its rows written and how many there will be. Raises
    SettingError when the database holds psychologists already: the demo mixes with nobody.
    """
    if Psychologist.objects.exists():
        raise SettingError("The database is not empty: the demo is made in an empty one only.")
    on = at.astimezone(ZONE).date()
    made = practitioners(scale.psychologists, on)
    with transaction.atomic():
        _store_psychologists(made, progress)
    with transaction.atomic():
        _store_agendas(made, on, progress)
    with transaction.atomic():
        camille, sacha = (
            add_person(
                public_id=identifiers.public_id("person", name),
                given_name=name,
                family_name=family,
                birth_date=born,
                created_at=at,
            )
            for name, family, born in (
                ("Camille", "Exemple", "1991-03-14"),
                ("Sacha", "Modèle", "2001-09-02"),
            )
        )
        create_accounts(camille=camille, sacha=sacha, psychologist=made[0].psychologist)


def _store_psychologists(made: Sequence[Practitioner], progress: Report | None) -> None:
    tally = Tally("psychologists", len(made), progress)
    store((item.psychologist for item in made), tally)
    store(place for item in made for place in item.places)
    store(item.agreement for item in made)
    store(item.suspension for item in made if item.suspension)


def _store_agendas(
    made: Sequence[Practitioner], on: date, progress: Report | None
) -> list[Agenda]:
    tally = Tally("agendas", len(made), progress)
    agendas = []
    for item in made:
        agendas.append(agenda(item, on))
        tally.add()
    store(rule for item in agendas for rule in item.rules)
    store(exception for item in agendas for exception in item.exceptions)
    return agendas
