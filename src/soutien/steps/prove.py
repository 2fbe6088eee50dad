"""The paper by which a holder says who they are: sent by their link, read by who verifies it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from soutien.registers.guardians import queries as guardians
from soutien.registers.guardians.models import PAPER_BYTES_MOST, PAPER_TYPES
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.authority import lock_child
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, looking, record

MOST_PAPERS = 3
MEGABYTE = 1_048_576


@dataclass(frozen=True, slots=True)
class SentPaper:
    """One paper with what is inside."""

    content_type: str
    content: bytes


@act("guardians.paper.sent")
def send_paper(
    *, actor: Actor, link_id: uuid.UUID, content_type: str, content: bytes, at: datetime
) -> None:
    """Keep a paper of a holder, by their link, whose content the door has checked; once each.

    Refuses ``not_found``, ``link_too_old``, ``document_unclear``, ``document_too_large`` and
    ``documents_enough``.
    """
    link = guardians.link(link_id)
    child_id = link.holder.child_id if link else None
    allow(actor, "send_paper", relations(actor, person_id=child_id, by_link=True))
    if link is None or link.holder.removed_at is not None:
        raise Refusal("not_found")
    if link.ends_at <= at:
        raise Refusal("link_too_old")
    if content_type not in PAPER_TYPES or not content:
        raise Refusal("document_unclear", fields=("file",))
    if len(content) > PAPER_BYTES_MOST:
        raise Refusal(
            "document_too_large", megabytes=PAPER_BYTES_MOST // MEGABYTE, fields=("file",)
        )
    # One at a time, so that the count holds.
    lock_child(link.holder.child_id)
    if len(guardians.papers_of([link.holder_id])[link.holder_id]) >= MOST_PAPERS:
        raise Refusal("documents_enough", count=MOST_PAPERS, fields=("file",))
    kept = guardians.keep_paper(link.holder, content_type=content_type, content=content, at=at)
    if kept is not None:
        record(actor, "guardians.paper.sent", at=at, object_id=kept.pk, person_id=child_id)


@looking("guardians.paper.opened")
def open_paper(*, actor: Actor, paper_id: uuid.UUID, at: datetime) -> SentPaper:
    """One paper of a holder, for the psychologist who sees the child. Nobody else reads it."""
    paper = guardians.paper(paper_id)
    if paper is None:
        raise Refusal("not_found")
    child_id, mine = paper.holder.child_id, actor.psychologist_id
    treats = mine is not None and gather.treats(mine, child_id)
    allow(actor, "open_paper", relations(actor, person_id=child_id, treats=treats))
    record(actor, "guardians.paper.opened", at=at, object_id=paper.pk, person_id=child_id)
    return SentPaper(paper.content_type, guardians.content_of(paper))
