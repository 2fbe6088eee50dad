"""The law asked about a case: the rules at work, nothing kept, nobody named."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from soutien.doors.api.claiming import language, line_out
from soutien.doors.api.opening import opened, problems
from soutien.doors.api.shapes import DecideIn, DecideOut
from soutien.rules.answer import answer
from soutien.rules.casefile import CaseError, in_words, read_cases
from soutien.rules.explain import explain
from soutien.steps import gather
from soutien.steps.errors import Refusal

router = Router(tags=["law"])
SHOWN_PROBLEMS = 20


@router.post(
    "decide",
    response={200: DecideOut, **problems(400, 413, 422, 429)},
    url_name="api_decide",
    operation_id="decide",
)
@opened()
def decide(request: HttpRequest, asked: DecideIn) -> DecideOut:
    """Decide a case as a fund would, with every reason and the text it rests on."""
    try:
        [(case_id, dossier)] = read_cases([asked.case])
    except CaseError as error:
        raise Refusal("request_unclear", what="; ".join(error.discreet[:SHOWN_PROBLEMS])) from None
    answered = answer(dossier, gather.law())
    return DecideOut(
        decision=in_words(case_id, answered),
        explanation=[line_out(line) for line in explain(answered, language())],
    )
