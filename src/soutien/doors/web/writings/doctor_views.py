"""A doctor writes both letters on one page, without an account or with one, and prints them.

Nothing typed here stands in an address or in a session: what is printed is sent again by its own
page, and kept only under the code that the paper bears.
"""

from __future__ import annotations

from datetime import date
from secrets import token_urlsafe
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.writings import doctor_papers
from soutien.doors.web.writings.forms import KEY_BYTES, LetterForm, told_at_fields
from soutien.doors.web.writings.paper import on_paper
from soutien.registers.accounts.models import Account, Role
from soutien.registers.writings.models import ACCOMPANIMENT, REFERRAL
from soutien.sealing import code_from
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.errors import Refusal
from soutien.steps.refer import deposit_letter, list_own_letters, open_own_letter
from soutien.steps.written import DoctorLetter, as_text, last_day_of

FORM_WRONG = 422
BOTH = "both"
PAPERS = (BOTH, REFERRAL, ACCOMPANIMENT)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def doctor_letter(request: HttpRequest) -> HttpResponse:
    """One page to write, then the code and the papers. Sent twice, it is one letter."""
    actor, now = doctor_or_nobody(request), timezone.now()
    on = timezone.localdate(now)
    if request.method != "POST":
        return _form_page(request, LetterForm(on=on, initial=_initial(request, actor)))
    form = LetterForm(request.POST, on=on)
    if not form.is_valid():
        return _form_page(request, form)
    try:
        left = deposit_letter(
            actor=actor,
            letter=form.letter(),
            secret=form.cleaned_data["page_key"],
            lasts=settings.LETTER_CODE_LASTS,
            at=now,
        )
    except Refusal as refusal:
        told_at_fields(form, refusal)
        return _form_page(request, form)
    told = {"left": left, "fields": _sent_again(form), "has_account": bool(actor.account_id)}
    return render(request, "soutien/writings/letter_ready.html", told)


@never_cache
@require_POST
def doctor_letter_pdf(request: HttpRequest) -> HttpResponse:
    """The papers of what the page before holds, with their code. Nothing is read or kept."""
    form = LetterForm(request.POST, on=timezone.localdate())
    if not form.is_valid():
        return _form_page(request, form)
    wanted = request.POST.get("which", BOTH)
    which = wanted if wanted in PAPERS else BOTH
    letter = form.letter()
    code = code_from(form.cleaned_data["page_key"], as_text(letter))
    return papers_of(letter, which, code=code, written_on=timezone.localdate())


@require_safe
@private_page
def own_letters(request: HttpRequest) -> HttpResponse:
    """The letters of a doctor who has an account: waiting, fetched, over."""
    now = timezone.now()
    letters = list_own_letters(actor=actor_of(request), at=now)
    return render(request, "soutien/writings/own_letters.html", {"letters": letters, "now": now})


@require_safe
@private_page
def own_letter_pdf(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Both papers once more, until a psychologist has fetched them."""
    left = open_own_letter(actor=actor_of(request), deposit_id=public_id, at=timezone.now())
    if left.letter is None:
        raise Http404
    return papers_of(left.letter, BOTH, code=left.code, written_on=left.written_on)


def papers_of(letter: DoctorLetter, which: str, *, code: str, written_on: date) -> HttpResponse:
    """One of the letters, or both, ready to be printed."""
    papers = {
        REFERRAL: doctor_papers.referral(
            letter.heads | {"linked_to": letter.linked_to},
            written_on=written_on,
            last_day=last_day_of(written_on),
        ),
        ACCOMPANIMENT: doctor_papers.accompaniment(
            letter.heads | letter.clinical, written_on=written_on, code=code
        ),
    }
    wanted = list(papers) if which == BOTH else [which]
    title = " et ".join(papers[name].title for name in wanted)
    paper = on_paper(
        [papers[name] for name in wanted], title=title, author=letter.doctor, day=written_on
    )
    return pdf_answer(paper, "courriers" if which == BOTH else "courrier")


def pdf_answer(paper: bytes, name: str) -> HttpResponse:
    """A PDF to look at and to print, under a name that says nothing of anybody."""
    answer = HttpResponse(paper, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def doctor_or_nobody(request: HttpRequest) -> Actor:
    """A doctor's account, else nobody in particular: this page is for no other role."""
    actor = actor_of(request)
    return actor if actor.role == Role.DOCTOR else ANONYMOUS


def _initial(request: HttpRequest, actor: Actor) -> dict[str, object]:
    """A new page's key; for a doctor with an account, who they were the last time."""
    initial: dict[str, object] = {"page_key": token_urlsafe(KEY_BYTES)}
    if isinstance(request.user, Account) and actor.account_id is not None:
        initial["doctor"] = request.user.display_name
        letters = list_own_letters(actor=actor, at=timezone.now())
        last = next((left.letter for left in letters if left.letter), None)
        if last is not None:
            names = ("doctor", "referrer", "number", "structure")
            initial |= {name: getattr(last, name) for name in names}
    return initial


def _sent_again(form: LetterForm) -> list[tuple[str, str]]:
    """What the page of the papers sends to print them."""
    return [(name, str(form.data.get(name, ""))) for name in form.fields]


def _form_page(request: HttpRequest, form: LetterForm) -> HttpResponse:
    told = {"form": form, "has_account": doctor_or_nobody(request).account_id is not None}
    status = FORM_WRONG if form.errors else 200
    return render(request, "soutien/writings/letter.html", told, status=status)
