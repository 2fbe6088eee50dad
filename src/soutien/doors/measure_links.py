"""The unguessable address of questions to answer before an appointment."""

from __future__ import annotations

from uuid import UUID

from soutien.doors import waiting_links

# The name of the page it opens.
QUESTIONS = "questionnaire"


def questions_path(public_id: UUID) -> str:
    """The path of the questions."""
    return waiting_links.waiting_path(QUESTIONS, public_id)


def questionnaire_of(token: str) -> UUID | None:
    """The questionnaire a token opens; None when nobody here signed it for this page."""
    return waiting_links.public_id_of(QUESTIONS, token)
