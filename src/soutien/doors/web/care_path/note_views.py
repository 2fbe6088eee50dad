"""A psychologist's own notes: saved as one types, or by a button; taken away as files."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.care_path.forms import CareForm, words_field
from soutien.doors.web.care_path.views import METHODS, UNCLEAR
from soutien.doors.web.care_path.words import civil
from soutien.doors.web.components.days import clock, in_french, plain_day
from soutien.doors.web.own_data.paper import pages_of
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.psychologist.forms import DayInput
from soutien.steps.errors import Refusal
from soutien.steps.jot import (
    MOST_NOTE,
    NotesView,
    NoteView,
    export_notes,
    list_notes,
    open_note,
    remove_note,
    write_note,
)

# Told by an answer to what is saved while one types; a sign-in page does not carry it.
TOLD = {"Soutien-Note": "told"}
MOST_EDITS = 2**31 - 1


class NoteForm(CareForm):
    """The note itself, with the name it is written under and the writing it follows."""

    about_on = forms.DateField(
        label=gettext_lazy("Jour"),
        widget=DayInput(),
        error_messages=dict.fromkeys(
            ("required", "invalid"), gettext_lazy("Indiquez un jour, un mois et une année.")
        ),
    )
    text = words_field(gettext_lazy("Note"), MOST_NOTE, rows=14)
    note = forms.UUIDField(widget=forms.HiddenInput)
    window = forms.UUIDField(widget=forms.HiddenInput)
    after = forms.IntegerField(min_value=0, max_value=MOST_EDITS, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, today: date | None = None, known: NoteView | None = None
    ) -> None:
        initial: dict[str, Any] = {"window": uuid4(), "note": uuid4(), "after": 0}
        if known is not None:
            told = {"note": known.public_id, "after": known.edits, "text": known.text}
            initial |= told | {"about_on": known.about_on}
        else:
            initial["about_on"] = today
        super().__init__(data, initial=initial)


@require_http_methods(METHODS)
@private_page
def notes(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One's own notes on somebody, and a new one."""
    form = NoteForm(request.POST) if request.method == "POST" else None
    if form is not None:
        answer = _written(request, public_id, form)
        if answer is not None:
            return answer
    view = list_notes(actor=actor_of(request), patient_id=public_id, at=timezone.now())
    context = {
        "view": view,
        "lines": [_line(each) for each in view.notes],
        "form": form or NoteForm(today=timezone.localdate()),
        "wrong": form,
    }
    status = UNCLEAR if form is not None else 200
    return render(request, "soutien/care_path/notes.html", context, status=status)


@require_http_methods(METHODS)
@private_page
def note(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One of one's own notes, to go on writing; what it said before; a way to remove it."""
    actor, at = actor_of(request), timezone.now()
    if "remove" in request.POST:
        patient_id = remove_note(actor=actor, note_id=public_id, at=at)
        messages.success(request, _("La note est retirée, et toutes ses versions."))
        return redirect("notes", patient_id)
    whose, found = open_note(actor=actor, note_id=public_id, at=at)
    form = NoteForm(request.POST) if request.method == "POST" else None
    if form is not None:
        answer = _written(request, whose.person_public_id, form)
        if answer is not None:
            return answer
    context = {
        "whose": whose,
        "form": form or NoteForm(known=found),
        "former": [_version(each) for each in found.versions[1:]],
        "wrong": form,
    }
    status = UNCLEAR if form is not None else 200
    return render(request, "soutien/care_path/note.html", context, status=status)


def _written(request: HttpRequest, patient_id: UUID, form: NoteForm) -> HttpResponse | None:
    """The answer to a note that was sent; None when the page must show what is wrong."""
    while_typing = "autosave" in request.POST
    if form.is_valid():
        told = form.cleaned_data
        try:
            edits = write_note(
                actor=actor_of(request),
                patient_id=patient_id,
                note_id=told["note"],
                text=told["text"],
                after=told["after"],
                window=told["window"],
                kept=not while_typing,
                about_on=told["about_on"],
                at=timezone.now(),
            )
        except Refusal as refusal:
            if "fields" not in refusal.context:
                raise
            form.tell(refusal)
        else:
            if while_typing:
                said = _("Enregistré à %(time)s.") % {"time": clock(timezone.now())}
                return _told(request, said, edits)
            messages.success(request, _("La note est enregistrée."))
            return redirect("note", told["note"])
    if while_typing:
        wrong = next((str(line) for lines in form.errors.values() for line in lines), "")
        return _told(request, wrong, None)
    return None


def _told(request: HttpRequest, said: str, edits: int | None) -> HttpResponse:
    """One line for the page that is being typed in, and which writing it now shows."""
    context = {"said": said, "edits": edits}
    answer = render(request, "soutien/care_path/note_said.html", context)
    for name, value in TOLD.items():
        answer[name] = value
    return answer


@require_safe
@private_page
def as_pdf(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """All one's own notes on somebody, as an accessible PDF."""
    view = export_notes(actor=actor_of(request), patient_id=public_id, at=timezone.now())
    today = timezone.localdate()
    paper = pages_of(
        {
            "title": _("Mes notes"),
            "lead": _lead(view),
            "author": str(settings.OPERATOR_NAME),
            "footer": _("Ces pages ne sont que pour vous."),
            "nothing": _("Rien."),
            "lang": "fr" if in_french() else "en",
            "day": [today.year, today.month, today.day],
            "sections": [
                {
                    "title": plain_day(each.about_on),
                    "paragraphs": [line for line in each.text.split("\n") if line.strip()],
                }
                for each in view.notes
            ],
        }
    )
    return _file(paper, "application/pdf", "notes.pdf")


@require_safe
@private_page
def as_text(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The same as plain text."""
    view = export_notes(actor=actor_of(request), patient_id=public_id, at=timezone.now())
    parts = [_lead(view), *(f"{plain_day(each.about_on)}\n\n{each.text}" for each in view.notes)]
    text = "\n\n\n".join(parts) + "\n"
    return _file(text.encode(), "text/plain; charset=utf-8", "notes.txt")


def _lead(view: NotesView) -> str:
    told = {"name": view.person_name, "day": plain_day(timezone.localdate())}
    return _("%(name)s, le %(day)s") % told


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=content_type, headers=headers)


def _line(view: NoteView) -> dict[str, Any]:
    first = next((line for line in view.text.split("\n") if line.strip()), "")
    return {"public_id": view.public_id, "day": plain_day(view.about_on), "first": first}


def _version(version: Any) -> dict[str, str]:
    told = {"day": plain_day(civil(version.written_at)), "time": clock(version.written_at)}
    return {"when": _("%(day)s à %(time)s") % told, "text": version.text}
