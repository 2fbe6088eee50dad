"""One appointment more, on purpose: over another, or outside the hours, with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import local, plain_day
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.psychologist.arrange_hours import (
    MINUTES_USUAL,
    ClockField,
    ComingDayField,
    from_today,
    minutes_field,
    place_name,
)
from soutien.doors.web.psychologist.views import own_id
from soutien.doors.web.psychologist.words import (
    ADDED_FOR,
    EVALUATION,
    FOLLOW_UP,
    IN_PERSON,
    REMOTE,
    language,
)
from soutien.doors.web.sent_twice import done_once
from soutien.registers.agenda.free import wall_moment
from soutien.registers.people import queries as people
from soutien.registers.psychologists.models import PracticePlace
from soutien.steps.errors import Refusal
from soutien.steps.look import list_patients
from soutien.steps.overbook import overbook_slot
from soutien.steps.views import Patient

FORM_WRONG = 422
# The field a refusal is told at, when it is about one.
FIELD_OF = {"reason": "reason", "minutes": "minutes"}


class VisitForm(forms.Form):
    """Who, when, how, and why. The agenda is not asked; the law and the year are."""

    patient = forms.ChoiceField(
        label=gettext_lazy("Pour"),
        help_text=gettext_lazy("Les personnes que vous suivez ou que vous allez voir."),
        error_messages={
            "required": gettext_lazy("Dites pour qui."),
            "invalid_choice": gettext_lazy("Choisissez une personne de la liste."),
        },
    )
    day = ComingDayField(
        label=gettext_lazy("Jour"), required_words=gettext_lazy("Indiquez le jour.")
    )
    starts = ClockField(
        label=gettext_lazy("Heure"),
        error_messages={"required": gettext_lazy("Il manque l’heure de début.")},
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Séance"),
        choices=[
            (FOLLOW_UP, gettext_lazy("séance de suivi")),
            (EVALUATION, gettext_lazy("première séance")),
        ],
    )
    modality = forms.ChoiceField(
        label=gettext_lazy("Vous vous voyez"),
        choices=[(IN_PERSON, gettext_lazy("au cabinet")), (REMOTE, gettext_lazy("en visio"))],
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Pourquoi en plus"),
        help_text=gettext_lazy(
            "La raison est gardée dans le journal. La personne ne la voit pas."
        ),
        widget=forms.RadioSelect,
        choices=list(ADDED_FOR.items()),
        error_messages={"required": gettext_lazy("Dites pourquoi ce rendez-vous est en plus.")},
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        patients: Sequence[Patient],
        places: Sequence[PracticePlace],
        today: date,
        **more: Any,
    ) -> None:
        super().__init__(data, **more)
        from_today(self, today)
        self.places = {str(place.pk): place for place in places}
        field = self.fields["patient"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", _("à choisir")),
            *(
                (
                    str(patient.public_id),
                    _("%(name)s, naissance le %(day)s")
                    % {"name": patient.name, "day": plain_day(patient.born_on)},
                )
                for patient in patients
            ),
        ]
        self.fields["minutes"] = minutes_field(label=_("Durée (minutes)"), initial=MINUTES_USUAL)
        if len(places) > 1:
            self.fields["where"] = forms.ChoiceField(
                label=_("Lieu"), choices=[(str(place.pk), place_name(place)) for place in places]
            )

    def clean(self) -> dict[str, Any]:
        """An hour that the clock of the place skips that night does not exist."""
        if "day" in self.cleaned_data and "starts" in self.cleaned_data:
            day, minute = self.cleaned_data["day"], self.cleaned_data["starts"]
            second = wall_moment(self.place.time_zone, day.toordinal(), minute)
            if second is None:
                self.add_error(
                    "starts", _("Ce jour-là, la montre avance : cette heure n’existe pas.")
                )
            else:
                self.cleaned_data["starts_at"] = datetime.fromtimestamp(second, UTC)
        return self.cleaned_data

    @property
    def place(self) -> PracticePlace:
        first = next(iter(self.places.values()))
        return self.places.get(str(self.cleaned_data.get("where", "")), first)

    def tell(self, refusal: Refusal) -> None:
        """A refusal at its field, else on top."""
        text = f"{refusal.sentence(language())} {refusal.remedy(language())}"
        fields = [FIELD_OF[name] for name in refusal.context.get("fields", ()) if name in FIELD_OF]
        self.add_error(fields[0] if fields else None, text)


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def add_visit(request: HttpRequest, day: date) -> HttpResponse:
    """Book one of one's patients outside the agenda, or over another, and say why."""
    psychologist_id, now = own_id(request), timezone.now()
    actor = actor_of(request)
    patients = list_patients(actor=actor, psychologist_id=psychologist_id, at=now)
    places = list(
        PracticePlace.objects.filter(psychologist_id=psychologist_id, closed_on=None).order_by(
            "pk"
        )
    )
    if not places:
        return render(request, "soutien/psychologist/arrange_nowhere.html", status=409)
    status, today = 200, local(now, places[0].time_zone).date()
    if request.method == "POST":
        form = VisitForm(request.POST, patients=patients, places=places, today=today)
        status = FORM_WRONG
        if form.is_valid():
            try:
                return _booked(request, form, now)
            except Refusal as refusal:
                form.tell(refusal)
                status = refusal.http_status
    else:
        initial = {"day": day, "starts": _next_hour(now, day, places[0].time_zone)}
        form = VisitForm(patients=patients, places=places, today=today, initial=initial)
    context = {"form": form, "day": day, "nobody": not patients}
    return render(request, "soutien/psychologist/arrange_visit.html", context, status=status)


def _next_hour(now: datetime, day: date, zone: str) -> int | None:
    """On the day itself, the next full hour is what is meant most often."""
    wall = now.astimezone(ZoneInfo(zone)) + timedelta(hours=1)
    return wall.hour * 60 if wall.date() == day else None


def _booked(request: HttpRequest, form: VisitForm, now: datetime) -> HttpResponse:
    told = form.cleaned_data
    person = people.by_public_id(UUID(told["patient"]))
    if person is None:
        raise Refusal("not_found")
    person_id = person.pk

    def add() -> str:
        booking = overbook_slot(
            actor=actor_of(request),
            person_id=person_id,
            place_id=form.place.pk,
            starts_at=told["starts_at"],
            minutes=told["minutes"],
            kind=told["kind"],
            modality=told["modality"],
            reason=told["reason"],
            at=now,
        )
        return booking.civil_day.isoformat()

    day = date.fromisoformat(done_once(request, add, at=now))
    messages.success(request, _("Rendez-vous ajouté. La personne est prévenue."))
    return redirect("day_of", day)
