"""Keeping papers, reading one, removing it. Lists never read what is inside."""

from __future__ import annotations

import base64
import uuid
from datetime import datetime

from django.db.models import QuerySet

from soutien.registers.documents.models import Document
from soutien.sealing import ForRow, index_field


def live(person_id: int) -> QuerySet[Document]:
    """Somebody's papers that were not removed, newest first, without what is inside."""
    found = Document.objects.filter(person_id=person_id, removed_at__isnull=True)
    return found.defer("content").order_by("-id")


def by_public_id(public_id: uuid.UUID) -> Document | None:
    """One paper that was not removed, without what is inside."""
    found = Document.objects.filter(public_id=public_id, removed_at__isnull=True)
    return found.defer("content").first()


def the_same(person_id: int, content: bytes) -> Document | None:
    """The paper with this very content that is there already."""
    indexes = index_field(Document, "content_index").indexes(_text(content))
    return live(person_id).filter(content_index__in=indexes).first()


def keep(
    person_id: int, *, kind: str, content_type: str, content: bytes, by: str, at: datetime
) -> Document:
    """One paper more. Raises IntegrityError when it is there already."""
    text = _text(content)
    return Document.objects.create(
        person_id=person_id,
        kind=kind,
        content_type=content_type,
        size_bytes=len(content),
        content=text,
        content_index=index_field(Document, "content_index").index(text),
        added_at=at,
        added_by=by,
    )


def content_of(document: Document) -> bytes:
    """What is inside."""
    return base64.b64decode(document.content)


def remove(document: Document, *, at: datetime) -> None:
    """Empty it now: what was inside cannot be read again."""
    Document.objects.filter(pk=document.pk).update(
        content=ForRow("", (document.public_id,)), content_index=None, removed_at=at
    )


def forget(person_id: int) -> int:
    """Remove all the rows of somebody who is forgotten."""
    return Document.objects.filter(person_id=person_id).delete()[0]


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
