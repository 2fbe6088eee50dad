"""A plan: several sessions at the same hour, proposed, changed line by line, booked as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from soutien.doors.days import when
from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import full_day, local, plain_day
from soutien.doors.web.person.plan_forms import FURTHEST_DAY, FreeHours, PlanForm
from soutien.doors.web.person.words import (
    EVALUATION,
    FOLLOW_UP,
    IN_PERSON,
    REMOTE,
    kind_in_words,
    language,
    phone_in_words,
)
from soutien.doors.web.private_pages import private_page
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.queries import Slot
from soutien.steps import find, gather
from soutien.steps.errors import Refusal
from soutien.steps.plan import book_plan
from soutien.steps.plan_lines import Chosen, Line
from soutien.steps.propose import propose_plan
from soutien.steps.views import EndingRight

DAYS_AHEAD = 92
FORM_WRONG = 422
A_WEEK = timedelta(days=7)
# More lines than any year has sessions and weeks without: a longer form is not ours.
LINES_MAX = 60


@dataclass(frozen=True, slots=True)
class Option:
    """A time a line may have; an empty value leaves its session out."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One session of a plan as the page shows and sends it back.

    ``value`` is its time, empty when it has none. ``reasons`` say why it is not as wished,
    ``wrong`` why it cannot be booked.
    """

    wished_on: date
    kind: str
    modality: str
    value: str
    reasons: tuple[str, ...] = ()
    wrong: str = ""
    number: int = 0
    options: list[Option] = field(default_factory=list)

    @property
    def what(self) -> str:
        return kind_in_words(self.kind, self.modality)

    @property
    def week(self) -> str:
        """« semaine du 7 décembre »."""
        return _("semaine du %(day)s") % {"day": full_day(self.wished_on)}

    @property
    def first(self) -> bool:
        return self.kind == EVALUATION


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def plan_sessions(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Choose a day and an hour, see every date with its reason, book all of them or none."""
    now, today = timezone.now(), timezone.localdate()
    page = find.psychologist_page(public_id=public_id, at=now, days=DAYS_AHEAD, kind=FOLLOW_UP)
    free = FreeHours.of(slot for day in page.days for slot in day.slots)
    cap = gather.terms_on(today).sessions_per_year_max
    asked = "heure" in request.GET
    form = PlanForm(
        request.GET if asked else None,
        free=free,
        places=page.places,
        sessions_max=cap,
        today=today,
    )
    asking = _Asking(request, page, form, free, now)
    if request.method == "POST":
        return asking.book()
    if asked and form.is_valid():
        return asking.propose()
    return asking.answer([], status=FORM_WRONG if asked else 200)


@dataclass(slots=True)
class _Asking:
    """One request for the page of a plan."""

    request: HttpRequest
    page: find.Page
    form: PlanForm
    free: FreeHours
    now: datetime

    @property
    def person_id(self) -> int:
        person_id = actor_of(self.request).about_person_id
        if person_id is None:
            raise Refusal("not_allowed")
        return person_id

    def propose(self) -> HttpResponse:
        """The dates for the day and hour asked."""
        hour, since = self.form.hour, self.form.starting()
        try:
            proposed = propose_plan(
                actor=actor_of(self.request),
                person_id=self.person_id,
                psychologist_id=self.page.card.psychologist_id,
                place_id=hour.place_id,
                starts_on=self.free.first_day(hour, since),
                starts_at_minute=hour.minute,
                at=self.now,
                count=self.form.number,
                modality=self.form.modality,
                weeks_apart=self.form.weeks_apart,
            )
        except Refusal as refusal:
            return self.answer([], refusal=refusal, status=refusal.http_status)
        ended: set[str] = set()
        lines = [
            PlanLine(
                line.wished_on,
                line.kind,
                line.modality,
                value_of(line.chosen) if line.chosen else "",
                tuple(_reasons(line, ended)),
            )
            for line in proposed.lines
        ]
        return self.answer(lines)

    def book(self) -> HttpResponse:
        """Book all that is chosen, or nothing; a refusal is told line by line."""
        lines = read_lines(self.request.POST, timezone.localdate())
        chosen = [(number, one) for number, line in enumerate(lines) if (one := chosen_of(line))]
        try:
            booked = book_plan(
                actor=actor_of(self.request),
                person_id=self.person_id,
                psychologist_id=self.page.card.psychologist_id,
                chosen=[one for _number, one in chosen],
                at=self.now,
            )
        except Refusal as refusal:
            if refusal.code in {"not_found", "not_allowed"}:
                raise
            why = dict(zip([number for number, _one in chosen], _lines_of(refusal), strict=False))
            told = [_wrong(line, why.get(number)) for number, line in enumerate(lines)]
            return self.answer(told, refusal=refusal, status=refusal.http_status)
        messages.success(self.request, _booked_in_words([one.civil_day for one in booked]))
        first = min(booking.civil_day for booking in booked)
        years = f"?annee={first.year}" if first.year != timezone.localdate().year else ""
        return redirect(f"{reverse('year')}{years}")

    def answer(
        self, lines: Sequence[PlanLine], *, refusal: Refusal | None = None, status: int = 200
    ) -> HttpResponse:
        shown = self._with_options(lines)
        context = {
            "name": f"{self.page.card.given_name} {self.page.card.family_name}",
            "psychologist": self.page.card.public_id,
            "phone": self.page.phone,
            "phone_in_words": phone_in_words(self.page.phone),
            "nothing_free": not self.free.times,
            "form": self.form,
            "lines": shown,
            "count": sum(bool(line.value) for line in shown),
            "wrong": [line for line in shown if line.wrong],
            "sentence": refusal.sentence(language()) if refusal else "",
            "remedy": refusal.remedy(language()) if refusal else "",
        }
        return render(self.request, "soutien/person/plan.html", context, status=status)

    def _with_options(self, lines: Sequence[PlanLine]) -> list[PlanLine]:
        """The lines numbered, each with the free times of its week."""
        if not lines:
            return []
        free = {kind: self._free(kind, lines) for kind in {line.kind for line in lines}}
        shown, number = [], 0
        for line in lines:
            number += bool(line.value)
            shown.append(
                PlanLine(
                    line.wished_on,
                    line.kind,
                    line.modality,
                    line.value,
                    line.reasons,
                    line.wrong,
                    number if line.value else 0,
                    self._options(line, free[line.kind]),
                )
            )
        return shown

    def _free(self, kind: str, lines: Sequence[PlanLine]) -> list[Slot]:
        days = [line.wished_on for line in lines]
        zone = ZoneInfo(self.page.card.time_zone)
        found = agenda.free_slots(
            [self.page.card.psychologist_id],
            since=max(self.now, datetime.combine(min(days), time(), zone)),
            until=datetime.combine(max(days) + A_WEEK, time(), zone),
            kind=kind,
            now=self.now,
        )
        return found[self.page.card.psychologist_id]

    def _options(self, line: PlanLine, free: Sequence[Slot]) -> list[Option]:
        """The free times of a line's week, its own among them, and none at all."""
        zone = ZoneInfo(self.page.card.time_zone)
        first, before = line.wished_on, line.wished_on + A_WEEK
        moments = {
            value_of(Chosen(slot.place_id, slot.starts_at, line.kind, line.modality)): slot
            for slot in free
            if slot.modality in ("both", line.modality)
            and first <= slot.starts_at.astimezone(zone).date() < before
        }
        options = [
            Option(value, self._label(slot.place_id, slot.starts_at), value == line.value)
            for value, slot in moments.items()
        ]
        chosen = chosen_of(line)
        if chosen and line.value not in moments:
            label = self._label(chosen.place_id, chosen.starts_at)
            options.insert(0, Option(line.value, label, True))
        return [*options, Option("", _("pas de séance cette semaine-là"), not line.value)]

    def _label(self, place_id: int, starts_at: datetime) -> str:
        """« lundi 7 décembre à 18:00 », with the year and the place when they are others."""
        zone = self.page.card.time_zone
        moment = when(starts_at, zone)
        day = local(starts_at, zone).date()
        this_year = day.year == local(self.now, zone).year
        told = _("%(day)s à %(clock)s") % {
            "day": full_day(day, year=not this_year),
            "clock": moment.clock,
        }
        places = {card.place_id: card.place_label or card.town_name for card in self.page.places}
        usual = self.form.hour.place_id if self.form.is_bound and self.form.is_valid() else None
        elsewhere = len(places) > 1 and place_id != usual
        return f"{told}, {places.get(place_id, '')}" if elsewhere else told


def _booked_in_words(days: Sequence[date]) -> str:
    """« 8 rendez-vous sont réservés, dont 3 en 2027. »"""
    count, last_year = len(days), max(days).year
    of_last = sum(day.year == last_year for day in days)
    if of_last == count:
        text = ngettext(
            "%(n)s rendez-vous est réservé.", "%(n)s rendez-vous sont réservés.", count
        )
        return text % {"n": count}
    return _("%(n)s rendez-vous sont réservés, dont %(later)s en %(year)s.") % {
        "n": count,
        "later": of_last,
        "year": last_year,
    }


def value_of(chosen: Chosen) -> str:
    """A time as the form holds it."""
    return f"{chosen.place_id} {chosen.starts_at:%Y-%m-%dT%H:%MZ}"


def chosen_of(line: PlanLine) -> Chosen | None:
    """What a line would book; None when it is left out, or is no time of its week."""
    place, _space, text = line.value.partition(" ")
    try:
        starts_at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if starts_at.tzinfo is None or abs(starts_at.date() - line.wished_on) > A_WEEK:
        return None
    if not (place.isdecimal() and place.isascii()):
        return None
    return Chosen(int(place), starts_at, line.kind, line.modality)


def read_lines(told: QueryDict, today: date) -> list[PlanLine]:
    """The lines as the form sent them back; what is not a line is left out."""
    lines: list[PlanLine] = []
    for number in range(LINES_MAX):
        try:
            wished_on = date.fromisoformat(told.get(f"week_{number}", ""))
        except ValueError:
            break
        if abs(wished_on - today) > FURTHEST_DAY:
            break
        kind = EVALUATION if told.get(f"kind_{number}") == EVALUATION else FOLLOW_UP
        by_video = kind == FOLLOW_UP and told.get(f"modality_{number}") == REMOTE
        lines.append(
            PlanLine(
                wished_on,
                kind,
                REMOTE if by_video else IN_PERSON,
                told.get(f"time_{number}", ""),
            )
        )
    return lines


def _lines_of(refusal: Refusal) -> Sequence[Refusal | None]:
    found: Sequence[Refusal | None] = refusal.context.get("lines", ())
    return found


def _wrong(line: PlanLine, why: Refusal | None) -> PlanLine:
    """A line with the reason why it cannot be booked."""
    text = f"{why.sentence(language())} {why.remedy(language())}" if why else ""
    return PlanLine(line.wished_on, line.kind, line.modality, line.value, (), text)


def _reasons(line: Line, ended: set[str]) -> list[str]:
    """Why a line is not as wished, and which rights will have ended by then.

    A right is told once, at the first session after its end; ``ended`` are those told before.
    """
    told = [line.because.sentence(language())] if line.because else []
    new = [right for right in line.rights_ended if right.kind not in ended]
    ended.update(right.kind for right in new)
    return told + [_right_ended(right) for right in new]


def _right_ended(right: EndingRight) -> str:
    names = {
        "affiliation": _("Vos droits à l’assurance maladie"),
        "cover": _("Votre mutuelle"),
        "css": _("Votre complémentaire santé solidaire"),
        "ame": _("Votre aide médicale de l’État"),
        "ald": _("Votre prise en charge ALD"),
        "maternity": _("Votre prise en charge maternité"),
        "at_mp": _("Votre prise en charge d’accident du travail"),
        "invalidity": _("Votre pension d’invalidité"),
    }
    return _("%(right)s : jusqu’au %(day)s. Pensez à renouveler avant cette séance.") % {
        "right": names.get(right.kind, _("Un de vos droits")),
        "day": plain_day(right.ends_on),
    }
