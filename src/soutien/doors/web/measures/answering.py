"""Questions to answer on one's own telephone before an appointment: kept nowhere until sent.

An answer that tells of a danger shows help at once, by the stylesheet alone; sent, help comes
before anything else, whatever becomes of the answers.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from soutien.doors.measure_links import questionnaire_of
from soutien.doors.web.measures.sheet import Answers, answers_sent, language, questions, texts_of
from soutien.doors.web.person.booking_views import person_or_nobody
from soutien.doors.web.person.refused import told_gently
from soutien.rules.scales import Scale, ScaleError
from soutien.rules.screen import Danger, score
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.measure import fill_questionnaire, open_questionnaire
from soutien.steps.measured import Blank

UNCLEAR, OVER = 422, 410


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told_gently
def questionnaire(request: HttpRequest, token: str) -> HttpResponse:
    """The questions; then what was sent is kept, once."""
    questionnaire_id = questionnaire_of(token)
    if questionnaire_id is None:
        raise Refusal("not_found")
    actor = person_or_nobody(request)
    now = timezone.now()
    blank = open_questionnaire(actor=actor, questionnaire_id=questionnaire_id, at=now)
    if request.method == "POST":
        return _sent(request, actor, blank)
    if blank.scale is None or not blank.stands:
        return _closed(request, blank)
    return _form(request, blank.scale)


def _sent(request: HttpRequest, actor: Actor, blank: Blank) -> HttpResponse:
    """Keep what was sent; a blank where a danger would be told is asked about once more."""
    answers = answers_sent(request.POST)
    danger = danger_in(blank.scale, answers)
    asked_again = "again" in request.POST
    if blank.scale is not None and blank.stands and not asked_again and _left_out(blank, answers):
        return _form(request, blank.scale, answers, again=True)
    try:
        fill_questionnaire(
            actor=actor, questionnaire_id=blank.public_id, answers=answers, at=timezone.now()
        )
    except Refusal as refusal:
        if danger is not Danger.YES and "fields" in refusal.context and blank.scale is not None:
            return _form(request, blank.scale, answers, refusal=refusal)
        return _thanks(request, actor, danger, refusal)
    return _thanks(request, actor, danger)


def danger_in(scale: Scale | None, answers: Answers) -> Danger:
    """Whether answers tell of a danger, kept or not."""
    if scale is None:
        return Danger.NO
    try:
        return score(scale, answers).danger
    except ScaleError:
        return Danger.NO


def _left_out(blank: Blank, answers: Answers) -> bool:
    """Whether the one question left blank is the one that somebody has to ask."""
    if not any(given is not None for given in answers):
        return False
    return danger_in(blank.scale, answers) is Danger.UNANSWERED


def _form(
    request: HttpRequest,
    scale: Scale,
    answers: Answers = (),
    *,
    again: bool = False,
    refusal: Refusal | None = None,
) -> HttpResponse:
    texts = texts_of(scale)
    told = {
        "stem": texts.question if texts else "",
        "questions": questions(scale, answers),
        "count": scale.items,
        "title": scale.title(language()),
        "holder": scale.licence.get("holder", ""),
        "again": again,
        "danger_item": scale.danger_item,
        "sentence": refusal.sentence(language()) if refusal else "",
        "remedy": refusal.remedy(language()) if refusal else "",
    }
    status = UNCLEAR if again or refusal else 200
    return render(request, "soutien/measures/answer.html", told, status=status)


def _thanks(
    request: HttpRequest, actor: Actor, danger: Danger, refusal: Refusal | None = None
) -> HttpResponse:
    """Help first when it is needed; then that it arrived, or why not."""
    told = {
        "danger": danger is Danger.YES,
        "to_ask": danger is Danger.UNANSWERED,
        "arrived": refusal is None,
        "sentence": refusal.sentence(language()) if refusal else "",
        "remedy": refusal.remedy(language()) if refusal else "",
        "own": actor.account_id is not None,
    }
    status = refusal.http_status if refusal else 200
    return render(request, "soutien/measures/sent.html", told, status=status)


def _closed(request: HttpRequest, blank: Blank) -> HttpResponse:
    """Nothing to answer (any more), and nothing of what was answered."""
    words = (
        _("Vos réponses sont arrivées. Votre psychologue les lit.")
        if blank.filled
        else _("Ces questions ne sont plus ouvertes. Vous pouvez en parler pendant la séance.")
    )
    told = {"words": words}
    status = 200 if blank.filled else OVER
    return render(request, "soutien/measures/closed.html", told, status=status)
