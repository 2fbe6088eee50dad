"""What goes in and out, as OpenAPI tells it. Amounts are cents, moments UTC, days civil days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints

Kind = Literal["evaluation", "follow_up"]
Modality = Literal["in_person", "remote"]
# A database column holds no more, and a place's number is one.
PlaceNumber = Annotated[int, Field(ge=1, le=2**63 - 1)]
FIRST_YEAR, LAST_YEAR = 2000, 2199


def _printable(text: str) -> str:
    if any(ord(letter) < ord(" ") or "\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("holds a character that is none")
    return text


def _our_time(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"must be between {FIRST_YEAR} and {LAST_YEAR}")
    return moment


def _our_day(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"must be between {FIRST_YEAR} and {LAST_YEAR}")
    return day


Moment = Annotated[AwareDatetime, AfterValidator(_our_time)]
ComingDay = Annotated[date, AfterValidator(_our_day)]
Short = Annotated[str, StringConstraints(max_length=80), AfterValidator(_printable)]
Address = Annotated[str, StringConstraints(max_length=254), AfterValidator(_printable)]
Words = Annotated[str, StringConstraints(max_length=120), AfterValidator(_printable)]


class Strict(Schema):
    """What is sent: a field nobody knows is a mistake, told at once."""

    model_config = ConfigDict(extra="forbid")


class SlotOut(Schema):
    """A free time. ``modality`` may be ``both``."""

    place: int
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    modality: str


class Problem(Schema):
    """Why something was not done: the one shape of every answer from 400 on.

    ``code`` and ``reference`` never change; ``sentence`` and ``remedy`` are in the language of
    Accept-Language. ``fields`` names what is missing or wrong, ``nearest`` free times instead.
    """

    code: str
    sentence: str
    remedy: str
    reference: str
    fields: list[str] = []
    nearest: list[SlotOut] = []


class PlaceOut(Schema):
    """A town."""

    insee: str
    name: str
    postcodes: list[str]
    departement: str
    latitude: float
    longitude: float


class SearchIn(Strict):
    """Where or who, and what matters: one of place, insee, departement, lat and lon, or name."""

    place: Words = ""
    insee: Annotated[str, StringConstraints(pattern=r"^([0-9AB]{5})?$")] = ""
    departement: Annotated[str, StringConstraints(pattern=r"^([0-9AB]{2,3})?$")] = ""
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    name: Short = ""
    radius_km: Annotated[int, Field(ge=1, le=100)] = 10
    order: Literal["distance", "earliest"] = "distance"
    public: Literal["", "adult", "teenager", "child"] = ""
    follow_ups: Literal["", "in_person", "video"] = ""
    language: Annotated[str, StringConstraints(pattern=r"^([a-z]{2,3})?$")] = ""
    step_free: bool = False
    third_party: bool = False
    full_too: bool = False
    when: list[Literal["morning", "afternoon", "evening", "saturday"]] = []
    since: ComingDay | None = None
    page: Annotated[int, Field(ge=1, le=10_000)] = 1


class PsychologistOut(Schema):
    """A psychologist of the programme at one place, with the next free first sessions there."""

    id: UUID
    given_name: str
    family_name: str
    place: int
    place_label: str
    address_line: str
    postcode: str
    town_name: str
    insee: str
    latitude: float
    longitude: float
    distance_m: int | None
    publics: list[str]
    languages: list[str]
    offers_video: bool
    accepts_new_patients: bool
    step_free: bool
    offers_third_party: bool
    confirmed_on: date | None
    slots: list[SlotOut]


class SearchOut(Schema):
    """One page of psychologists. ``widened_to_km`` when nobody was found within the radius."""

    total: int
    page: int
    pages: int
    widened_to_km: float | None
    psychologists: list[PsychologistOut]


class PageOut(Schema):
    """A psychologist, at every place."""

    id: UUID
    given_name: str
    family_name: str
    phone: str
    presentation_fr: str
    presentation_en: str
    places: list[PsychologistOut]


class SlotsIn(Strict):
    """How far ahead, and for which kind of session."""

    days: Annotated[int, Field(ge=1, le=92)] = 28
    kind: Kind = "evaluation"


class HoldIn(Strict):
    """A free time to keep. ``patient`` is for psychologists: whom they hold it for."""

    psychologist: UUID
    place: PlaceNumber
    starts_at: Moment
    kind: Kind = "evaluation"
    modality: Modality = "in_person"
    patient: UUID | None = None


class IdentityIn(Strict):
    """Who comes, when the booking has nobody yet: an e-mail address or a telephone number."""

    given_name: Short
    family_name: Short
    birth_date: date
    email: Address = ""
    phone: Annotated[str, StringConstraints(pattern=r"^(\+?[0-9 .]{6,20})?$")] = ""
    language: Literal["fr", "en"] = "fr"
    discreet: bool = False


class ConfirmIn(Strict):
    """Nothing for somebody known; else who comes."""

    identity: IdentityIn | None = None


class MoveIn(Strict):
    """Another free time of the same psychologist."""

    place: PlaceNumber
    starts_at: Moment


class BookingOut(Schema):
    """An appointment. ``id`` is the key of its link: keep it to yourself."""

    id: UUID
    status: str
    kind: str
    modality: str
    psychologist: UUID
    place: int
    starts_at: datetime
    ends_at: datetime
    held_until: datetime | None


class SentOut(Schema):
    """The claim that a care sheet became. Its decision: GET claims/{id}.

    ``claims``: one for each line of the sheet; the first is the one told beside it.
    """

    id: UUID
    reference: str
    received_on: date
    claims: list[UUID]


class LineOut(Schema):
    """One thing said about a decision, with the text it rests on and what to do."""

    about: str
    code: str
    sentence: str
    article: str
    remedy: str
    caution: str
    rules: list[str]


class ClaimOut(Schema):
    """A claim with its decision; ``accepted`` is null while a person must confirm it."""

    id: UUID
    reference: str
    received_on: date
    person_name: str
    psychologist_name: str
    held_on: date
    kind: str
    modality: str
    act_code: str
    price_cents: int
    care_sheet: UUID
    accepted: bool | None
    reasons: list[str]
    notices: list[str]
    coverage: str
    third_party: str
    amo_cents: int
    local_regime_cents: int
    amc_cents: int
    patient_cents: int
    patient_upfront_cents: int
    sessions_left: int | None
    law_version: str
    decided_at: datetime | None
    explanation: list[LineOut]


class YearIn(Strict):
    """Which civil year; this one when it is not said."""

    year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)] | None = None


class SessionOut(Schema):
    """A session on its way to be paid."""

    id: UUID
    held_on: date
    kind: str
    modality: str
    psychologist_name: str
    state: str
    price_cents: int
    amo_cents: int
    amc_cents: int
    patient_cents: int
    care_sheet: UUID | None
    claim: UUID | None


class YearOut(Schema):
    """A person's year: what is used, reserved and left."""

    civil_year: int
    cap: int
    used: int
    reserved: int
    left: int
    refused: int
    restarts_on: date
    bookings: list[BookingOut]
    sessions: list[SessionOut]


class DecideIn(Strict):
    """A case in the words of docs/rules.md, as `soutien decide` reads it. Nothing is kept."""

    case: dict[str, Any]


class DecideOut(Schema):
    """The decision in the words of a case file, and its explanation."""

    decision: dict[str, Any]
    explanation: list[LineOut]
