"""``soutien find PLACE``: the partner psychologists near a place, with their next first sessions.

PLACE is a town ("Craponne", "Saint-Denis 93"), a postcode (69290) or an INSEE code (2A004). Five
digits may be the postcode of one town and the INSEE code of another: they are then read as a
postcode, and insee:97411 is never anything but an INSEE code. The search page asks the same step.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from soutien.doors.cli import framework
from soutien.registers.places.gazetteer import (
    Town,
    departement_name,
    town_by_insee,
    towns_matching,
)
from soutien.registers.places.spelling import plain

if TYPE_CHECKING:
    from soutien.steps.find import Card, Results, Slot

DONE, FAILED, WRONG_USE = 0, 1, 2
RADIUS_KM = 10.0
RADIUS_KM_MAX = 500.0
LIMIT = 20
LIMIT_MAX = 1000
# Enough to list every commune of France that shares its name with others.
HOMONYMS_MAX = 60
METRES_IN_KM = 1000
INSEE = "insee:"
_SUGGESTIONS = 3


class Unclear(Exception):
    """PLACE means no town, or several: ``towns`` are those it may mean."""

    def __init__(self, code: str, sentence: str, towns: Sequence[Town]) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.towns = code, sentence, towns


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``soutien find`` understands."""
    parser.add_argument("place", nargs="+", metavar="PLACE", help="a town, postcode or INSEE code")
    parser.add_argument(
        "--radius-km",
        type=float,
        default=RADIUS_KM,
        metavar="N",
        help=f"within N kilometres ({RADIUS_KM:g} unless told)",
    )
    parser.add_argument(
        "--order", choices=["distance", "earliest"], default="distance", help="what comes first"
    )
    parser.add_argument(
        "--limit", type=int, default=LIMIT, metavar="N", help=f"at most N lines ({LIMIT})"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Find and print. 2 when PLACE or an argument is unclear."""
    if not 0 < args.radius_km <= RADIUS_KM_MAX:
        return _wrong(f"--radius-km takes a number from 1 to {RADIUS_KM_MAX:g}.")
    if not 0 < args.limit <= LIMIT_MAX:
        return _wrong(f"--limit takes a number from 1 to {LIMIT_MAX}.")
    place = " ".join(args.place)
    try:
        town = the_town(place)
    except Unclear as unclear:
        return _told_unclear(unclear, as_json=args.json)
    if note := other_reading(place, town):
        print(f"soutien find: {note}", file=sys.stderr)
    framework.start()
    from django.db import DatabaseError

    from soutien.steps.find import find_psychologists

    try:
        results = find_psychologists(
            near=(town.latitude, town.longitude),
            radius_km=args.radius_km,
            at=datetime.now(UTC),
            order=args.order,
            page_size=args.limit,
        )
    except DatabaseError as error:
        print(
            "soutien find: the registers cannot be read "
            f"({str(error).splitlines()[0]}). Create them with `soutien manage migrate`, or start "
            "the demo with `python3 run.py demo`.",
            file=sys.stderr,
        )
        return FAILED
    if args.json:
        print(json.dumps(_as_json(town, args.radius_km, results), ensure_ascii=False, indent=2))
    else:
        _print(town, args.radius_km, results)
    return DONE


def the_town(text: str) -> Town:
    """The one town a text means. Raises Unclear when there is none, or several of that name.

    A postcode of several towns means the most inhabited one, since they are side by side.
    """
    if text.lower().startswith(INSEE):
        coded = town_by_insee(text[len(INSEE) :])
        if coded is None:
            raise Unclear("unknown_place", f"No town has the INSEE code {text[len(INSEE) :]}.", ())
        return coded
    towns = towns_matching(text, HOMONYMS_MAX)
    coded = town_by_insee(text)
    if coded is not None and not is_postcode(text, towns):
        return coded
    if not towns:
        raise Unclear(
            "unknown_place",
            f"No town looks like {text!r}. Try a postcode, or the first letters of the name.",
            (),
        )
    homonyms = [town for town in towns if plain(town.name) == plain(text)]
    if len(homonyms) > 1:
        raise Unclear(
            "several_places",
            f"{len(homonyms)} towns are called {homonyms[0].name}. Choose one by its INSEE code "
            f"or its postcode, for example: soutien find {INSEE}{homonyms[0].insee}",
            homonyms,
        )
    return towns[0]


def is_postcode(text: str, towns: Sequence[Town]) -> bool:
    """Whether the text is a postcode of one of the towns it may mean."""
    return any(text.strip() in town.postcodes for town in towns)


def other_reading(text: str, town: Town) -> str:
    """A note when a postcode is the INSEE code of another town; else empty."""
    coded = town_by_insee(text)
    if coded is None or coded.insee == town.insee or text.strip() not in town.postcodes:
        return ""
    return (
        f"{text} is read as the postcode of {town.name}. For {coded.name}, whose INSEE code it "
        f"is: soutien find {INSEE}{coded.insee}"
    )


def _wrong(sentence: str) -> int:
    print(f"soutien find: {sentence}", file=sys.stderr)
    return WRONG_USE


def _told_unclear(unclear: Unclear, *, as_json: bool) -> int:
    if as_json:
        told = {
            "error": unclear.code,
            "message": unclear.sentence,
            "towns": [_town(town) for town in unclear.towns],
        }
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return WRONG_USE
    print(f"soutien find: {unclear.sentence}", file=sys.stderr)
    for town in unclear.towns:
        where = f"{departement_name(town.departement)} ({town.departement})"
        postcodes = ", ".join(town.postcodes[:_SUGGESTIONS])
        print(f"  {INSEE}{town.insee}  {town.name}, {where}  {postcodes}", file=sys.stderr)
    return WRONG_USE


def _town(town: Town) -> dict[str, Any]:
    return {
        "name": town.name,
        "insee": town.insee,
        "postcodes": list(town.postcodes),
        "departement": town.departement,
        "lat": town.latitude,
        "lon": town.longitude,
    }


def _as_json(town: Town, radius_km: float, results: Results) -> dict[str, Any]:
    """The documented object; moments are those of the place, with their offset."""
    return {
        "town": _town(town),
        "radius_km": radius_km,
        "widened_to_km": results.widened_to_km,
        "total": results.total,
        "psychologists": [
            {
                "id": str(card.public_id),
                "given_name": card.given_name,
                "family_name": card.family_name,
                "distance_m": card.distance_m,
                "address": card.address_line,
                "postcode": card.postcode,
                "town": card.town_name,
                "lat": card.latitude,
                "lon": card.longitude,
                "position_precision": card.position_precision,
                "publics": list(card.publics),
                "languages": list(card.languages),
                "offers_video": card.offers_video,
                "step_free": card.step_free,
                "next_first_sessions": [
                    {
                        "starts_at": _local(slot).isoformat(),
                        "modality": slot.modality,
                        "place_id": slot.place_id,
                    }
                    for slot in card.slots
                ],
            }
            for card in results.cards
        ],
    }


def _local(slot: Slot) -> datetime:
    return slot.starts_at.astimezone(ZoneInfo(slot.time_zone))


def _print(town: Town, radius_km: float, results: Results) -> None:
    where = f"{town.name} ({town.departement})"
    if results.widened_to_km is not None:
        print(
            f"Nobody within {radius_km:g} km of {where}; looking up to {results.widened_to_km:g}."
        )
    reach = results.widened_to_km or radius_km
    print(f"{results.total} psychologists within {reach:g} km of {where}")
    if results.total > len(results.cards):
        print(f"The first {len(results.cards)} of them (--limit N for more):")
    for card in results.cards:
        print(_line(card))


def _line(card: Card) -> str:
    away = (card.distance_m or 0) / METRES_IN_KM
    times = [f"{_local(slot):%a %d %b %H:%M}" for slot in card.slots]
    return (
        f"{away:7.1f} km  {card.given_name} {card.family_name}, {card.postcode} {card.town_name}"
        f"  {', '.join(times) or 'no free first session in the coming weeks'}"
    )
