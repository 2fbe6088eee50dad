"""A child's consents, by the appointment's own address: what is missing, and the way out."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from soutien.doors.booking_links import public_id_of
from soutien.doors.days import when
from soutien.doors.waiting_links import CONSENT, waiting_path
from soutien.doors.web.components.consents import kind_of, state_in_words
from soutien.doors.web.guardians.forms import HolderForm
from soutien.doors.web.guardians.words import lines_of
from soutien.doors.web.person.booking_views import person_or_nobody
from soutien.doors.web.person.refused import told_gently
from soutien.doors.web.person.words import language
from soutien.doors.web.sent_twice import done_once
from soutien.rules.consent import State
from soutien.steps import gather, look
from soutien.steps.actor import Actor
from soutien.steps.authority import Consents
from soutien.steps.consent import (
    name_holder,
    open_child_consents,
    remove_holder,
    send_consent_link,
)
from soutien.steps.errors import Refusal
from soutien.steps.views import BookingView

FORM_WRONG = 422
YOUNG = "young"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told_gently
def consents(request: HttpRequest, token: str) -> HttpResponse:
    """Who agreed, who did not yet, and what to do. Nobody needs an account."""
    public_id = public_id_of(token)
    if public_id is None:
        raise Refusal("not_found")
    actor, now = person_or_nobody(request), timezone.now()
    found = open_child_consents(actor=actor, booking_id=public_id, at=now)
    if found.state is State.NOT_NEEDED:
        return redirect("booking", token=token)
    young = YOUNG in request.GET
    first = not found.holders
    form = HolderForm(young=young, first=first)
    if request.method == "POST":
        if "again" in request.POST or "remove" in request.POST:
            acted(request, actor, public_id)
            return redirect(request.get_full_path())
        form = HolderForm(request.POST, young=young, first=first)
        if form.is_valid():
            try:
                link = named(request, actor, public_id, form)
            except Refusal as refusal:
                tell(form, refusal)
            else:
                if form.for_oneself:
                    return redirect(waiting_path(CONSENT, link))
                messages.success(request, _("C’est noté. Cette personne reçoit son lien."))
                return redirect(request.get_full_path())
    view = look.open_booking(actor=actor, public_id=public_id, at=now)
    context = page(found, view, form) | {"token": token, "young": young}
    status = FORM_WRONG if form.errors else 200
    return render(request, "soutien/guardians/consents.html", context, status=status)


def named(request: HttpRequest, actor: Actor, public_id: UUID, form: HolderForm) -> UUID:
    """Name somebody, once however often the form is sent: their link."""
    now = timezone.now()

    def name() -> str:
        return str(name_holder(actor=actor, booking_id=public_id, named=form.named(), at=now))

    return UUID(done_once(request, name, at=now))


def tell(form: HolderForm, refusal: Refusal) -> None:
    """A refusal at its field, when it has one."""
    fields = [name for name in refusal.context.get("fields", ()) if name in form.fields]
    told = f"{refusal.sentence(language())} {refusal.remedy(language())}"
    form.add_error(fields[0] if fields else None, told)


def acted(request: HttpRequest, actor: Actor, public_id: UUID) -> None:
    """Send a link again, or take somebody off."""
    chosen = request.POST.get("again") or request.POST.get("remove") or ""
    try:
        holder = UUID(chosen)
    except ValueError:
        raise Refusal("not_found") from None
    now = timezone.now()
    if "again" in request.POST:
        send_consent_link(actor=actor, booking_id=public_id, holder_id=holder, at=now)
        messages.success(request, _("Un nouveau lien est parti. L’ancien n’ouvre plus rien."))
    else:
        remove_holder(actor=actor, booking_id=public_id, holder_id=holder, at=now)
        messages.success(request, _("Cette personne est retirée, son lien n’ouvre plus rien."))


def page(found: Consents, view: BookingView, form: HolderForm) -> dict[str, object]:
    """What both sides read of a child's consents."""
    kept = found.kept_until
    return {
        "consents": found,
        "state": state_in_words(found),
        "kind": kind_of(found),
        "refused": found.state is State.REFUSED,
        "paper_to_see": found.state is State.PAPER_TO_SEE,
        "lines": lines_of(found),
        "booking": view,
        "when": when(view.starts_at, view.time_zone),
        "waits": kept is not None,
        # Empty when it is kept until the session itself.
        "kept": when(kept, view.time_zone).sentence if kept and kept < view.starts_at else "",
        "form": form,
        "majority": gather.terms_on(view.civil_day).majority_age_years,
    }
