"""Questions to the identities, and their few changes: link, remove, hold, take."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from soutien.registers.identities.models import CertifiedTraits, ExternalIdentity, Held
from soutien.sealing import index_field

SUBJECT_INDEX = index_field(ExternalIdentity, "subject_index")
PURGED_AT_ONCE = 100


def by_subject(issuer: str, subject: str) -> ExternalIdentity | None:
    """The link of somebody known to an issuer."""
    indexes = SUBJECT_INDEX.indexes(subject)
    return ExternalIdentity.objects.filter(issuer=issuer, subject_index__in=indexes).first()


def of_account(account_id: int) -> list[ExternalIdentity]:
    """The links of an account, oldest first."""
    return list(ExternalIdentity.objects.filter(account_id=account_id).order_by("id"))


def at_issuer(account_id: int, issuer: str) -> ExternalIdentity | None:
    """The account's link with one issuer."""
    return ExternalIdentity.objects.filter(account_id=account_id, issuer=issuer).first()


def add_link(*, issuer: str, subject: str, **fields: Any) -> ExternalIdentity:
    """A new link. Raises IntegrityError when the subject or the account has one already."""
    return ExternalIdentity.objects.create(
        issuer=issuer, subject=subject, subject_index=SUBJECT_INDEX.index(subject) or "", **fields
    )


def remove_link(identity_id: int) -> bool:
    """Remove a link and the traits that came with it; false when it was gone."""
    removed, _each = ExternalIdentity.objects.filter(pk=identity_id).delete()
    return bool(removed)


def certify(identity: ExternalIdentity, **traits: Any) -> CertifiedTraits:
    """Store the traits that came with a link, in place of earlier ones."""
    CertifiedTraits.objects.filter(identity=identity).delete()
    return CertifiedTraits.objects.create(identity=identity, **traits)


def traits_of_link(identity_id: int) -> CertifiedTraits | None:
    """The traits that came with a link."""
    return CertifiedTraits.objects.filter(identity_id=identity_id).first()


def traits_of_person(person_id: int) -> CertifiedTraits | None:
    """The traits a provider answers for; while there are some, nobody edits them by hand."""
    return CertifiedTraits.objects.filter(person_id=person_id).order_by("id").first()


def hold(
    *, key: str, browser: str, kind: str, content: Any, at: datetime, ends_at: datetime
) -> None:
    """Keep something for one browser, for one use. What is over by now is thrown away."""
    over = Held.objects.filter(ends_at__lte=at).order_by("ends_at").values("pk")[:PURGED_AT_ONCE]
    Held.objects.filter(pk__in=list(over.values_list("pk", flat=True))).delete()
    Held.objects.create(
        key_index=_fingerprint(key),
        browser_index=_fingerprint(browser),
        kind=kind,
        content=content,
        held_at=at,
        ends_at=ends_at,
    )


def peek(*, key: str, browser: str, kind: str, at: datetime) -> Any:
    """What is held, left in place; None when it is not there for this browser any more."""
    row = _held(key, browser, kind, at)
    return None if row is None else row.content


def take(*, key: str, browser: str, kind: str, at: datetime) -> Any:
    """What was held, once: of two who ask at the same time, one gets it and the other None."""
    row = _held(key, browser, kind, at)
    if row is None:
        return None
    removed, _each = Held.objects.filter(pk=row.pk).delete()
    return row.content if removed else None


def _held(key: str, browser: str, kind: str, at: datetime) -> Held | None:
    return Held.objects.filter(
        key_index=_fingerprint(key),
        browser_index=_fingerprint(browser),
        kind=kind,
        ends_at__gt=at,
    ).first()


def _fingerprint(text: str) -> str:
    # Long random texts: a plain hash cannot be tried through.
    return hashlib.sha256(text.encode()).hexdigest()
