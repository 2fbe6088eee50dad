"""Which tables hold something about a person, how a row leads to them, and what is left out.

What is given is read from the models themselves: a new column is in the export by itself, and a
new table that leads to a person fails tests/house/test_own_data.py until it stands here. A column
is only left out with its reason, which docs/data-export.md repeats.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.db.models import F

from soutien.registers.writings.models import BY_DOCTORS
from soutien.sealing import BlindIndexField

_INNER = "a number of the database, which says nothing; the public id says which row it is"
_SECRET = "a proof of who you are: whoever reads it could enter in your place"
_DIGEST = "a fingerprint of a browser or an address, of no use to read"
_OTHERS = "it says something of somebody else"
_TURN = "the inner working of one delivery"


class Section(NamedTuple):
    """A table of the export: its name there, its model, and the lookups that lead to a person."""

    name: str
    model: str
    by: tuple[str, ...]
    left_out: Mapping[str, str] = {}

    @property
    def table(self) -> type[models.Model]:
        return apps.get_model(self.model)


SECTIONS = (
    Section("identity", "people.Person", ("pk",)),
    Section("schemes", "people.Affiliation", ("person",)),
    Section("exemptions", "people.Exemption", ("person",)),
    Section("insurers", "people.Cover", ("person",)),
    Section("psychiatric_situations", "people.PsychiatricSituation", ("person",)),
    Section(
        "who_acts_for_whom",
        "people.Guardianship",
        ("child", "guardian"),
        {
            "recorded_by_account": _OTHERS,
            **dict.fromkeys(("proof", "ending_proof", "paper"), _OTHERS),
        },
    ),
    Section("majority", "people.Majority", ("person",)),
    Section("former_values", "corrections.FormerValue", ("person",)),
    Section(
        "correction_requests",
        "corrections.Request",
        ("person",),
        {"ended_by_account": _OTHERS},
    ),
    Section("rights_seen", "rights.Entry", ("person",), {"seen_by_account": _OTHERS}),
    Section("rights_declared", "rights.Declaration", ("person",), {"ended_by_account": _OTHERS}),
    Section("rights_checked", "rights.Check", ("person",), {"settled_by_account": _OTHERS}),
    Section("memberships", "insurance.Member", ("person",)),
    Section(
        "insurer_decisions", "insurance.PartDecision", ("claim__person",), {"account": _OTHERS}
    ),
    Section("consents", "consents.Consent", ("person",)),
    Section("questionnaires", "measures.Questionnaire", ("person",)),
    Section("outcomes", "measures.Outcome", ("person",)),
    Section("outcome_reviews", "measures.Review", ("outcome__person",)),
    Section("bookings", "agenda.Booking", ("person",), {"holder": _DIGEST}),
    Section("referrals", "care.Referral", ("person",)),
    Section("years", "care.Year", ("person",)),
    Section("seats", "care.Seat", ("year__person",)),
    Section("sessions", "care.CareSession", ("person",)),
    Section("episodes", "care.Episode", ("person",)),
    Section("goals", "care.Goals", ("episode__person",)),
    Section("hand_overs", "care.HandOver", ("episode__person",)),
    Section("care_reviews", "care.Review", ("episode__person",)),
    Section("care_sheets", "claims.CareSheet", ("person",)),
    Section("sheet_lines", "claims.SheetLine", ("care_sheet__person",)),
    Section("claims", "claims.Claim", ("person",)),
    Section("decisions", "claims.Decision", ("claim__person",)),
    Section("reviews", "claims.Review", ("decision__claim__person",), {"account": _OTHERS}),
    Section("money_account", "ledger.Account", ("person",)),
    Section(
        "money_entries",
        "ledger.Entry",
        ("claim__person", "debit__person", "credit__person"),
    ),
    Section("claim_events", "claims.Event", ("claim__person",)),
    Section("paper_sheets", "claims.PaperSheet", ("person",), {"ended_by_account": _OTHERS}),
    Section("paper_sheets_typed", "claims.PaperTyping", ("paper__person",), {"account": _OTHERS}),
    Section("contests", "claims.Contest", ("claim__person",)),
    Section(
        "contest_answers",
        "claims.ContestAnswer",
        ("contest__claim__person",),
        {"account": _OTHERS},
    ),
    Section("bank_accounts", "payments.BankDetail", ("person",), {"answered_by": _OTHERS}),
    Section(
        "transfers",
        "payments.Payment",
        ("claim__person",),
        {"order": _INNER, "bank_detail": _INNER},
    ),
    Section(
        "bank_lines", "payments.BankLine", ("payment__claim__person",), {"fingerprint": _DIGEST}
    ),
    Section("documents", "documents.Document", ("person",)),
    Section("writings", "writings.Writing", ("person",), {"author": _OTHERS}),
    Section("written", "writings.Version", ("writing__person",)),
    Section("signed_writings", "writings.Signature", ("writing__person",)),
    Section("writings_shown", "writings.Showing", ("writing__person",), {"guardian": _OTHERS}),
    Section("writings_handed_over", "writings.HandOver", ("writing__person",)),
    Section("writings_answered", "writings.Answer", ("hand_over__writing__person",)),
    Section(
        "who_agrees",
        "guardians.Holder",
        ("child",),
        {
            **dict.fromkeys(("email", "phone", "proof"), _OTHERS),
            "proof_seen_by_account": _OTHERS,
        },
    ),
    Section("papers_of_who_agrees", "guardians.Paper", ("holder__child",), {"content": _OTHERS}),
    Section("consent_links", "guardians.Link", ("holder__child",), {"public_id": _SECRET}),
    Section("signatures", "guardians.Signature", ("child",), {"recorded_by_account": _OTHERS}),
    Section("waits_for_consent", "guardians.Wait", ("child",)),
    Section("waits", "waiting.Wait", ("person",), {"browser": _DIGEST}),
    Section("offers", "waiting.Offer", ("wait__person",)),
    Section("requests", "waiting.Request", ("booking__person",), {"browser": _DIGEST}),
    Section("calendar_addresses", "calendars.Feed", ("person",), {"token_digest": _SECRET}),
    Section("accounts", "accounts.Account", ("person",), {"password": _SECRET}),
    Section(
        "open_sessions", "accounts.OpenSession", ("account__person",), {"key_digest": _SECRET}
    ),
    Section(
        "sign_in_links", "accounts.MailLink", ("person", "account__person"), {"browser": _DIGEST}
    ),
    Section("code_applications", "accounts.TotpKey", ("account__person",), {"secret": _SECRET}),
    Section(
        "passkeys",
        "accounts.Passkey",
        ("account__person",),
        {"credential": _SECRET, "credential_digest": _SECRET},
    ),
    Section(
        "recoveries",
        "accounts.Recovery",
        ("account__person",),
        {"first_by": _OTHERS, "second_by": _OTHERS},
    ),
    Section("recovery_codes", "accounts.RecoveryCode", ("account__person",), {"digest": _SECRET}),
    Section("api_keys", "api_keys.ApiKey", ("account__person",), {"digest": _SECRET}),
    Section("identities", "identities.ExternalIdentity", ("account__person",)),
    Section("certified_traits", "identities.CertifiedTraits", ("person",)),
)
_THEIRS = (
    "a psychologist's own notes for their work, which nobody else opens here: ask their author"
)
# Tables that lead to a person and are not given, and why.
OTHERWISE: Mapping[str, str] = {
    "writings.Deposit": "a doctor's letter on its way: without its code nobody knows whose",
    "care.Note": _THEIRS,
    "care.NoteVersion": _THEIRS,
}
# What is said in care is one's own alone: whoever acts for a child is not given it.
ONES_OWN_ALONE = frozenset(
    {
        *("questionnaires", "outcomes", "outcome_reviews"),
        *("writings", "written", "signed_writings"),
        *("writings_handed_over", "writings_answered"),
    }
)
# Given by a section of their own, made in steps/own_data.py.
LETTERS, ACCESSES = "letters", "accesses"
_BLIND = "the same text stands beside it; this is its fingerprint"
_MINE = "it is you"


_FINISHED = {
    "writings.Writing": models.Q(kind__in=BY_DOCTORS) | models.Q(signature__isnull=False),
    "writings.Version": models.Q(writing__kind__in=BY_DOCTORS)
    | models.Q(number=models.F("writing__signature__number")),
}


def left_out(section: Section, field: models.Field[Any, Any]) -> str:
    """Why a column is not given; empty when it is."""
    if field.name in section.left_out:
        return section.left_out[field.name]
    if isinstance(field, BlindIndexField):
        return _BLIND
    if field.primary_key and _has_public_id(section.table):
        return _INNER
    if field.is_relation and field.name == "person":
        return _MINE
    return ""


def given(section: Section) -> list[models.Field[Any, Any]]:
    """The columns of a table that are given, in its order."""
    fields = section.table._meta.local_concrete_fields
    return [field for field in fields if not left_out(section, field)]


def rows(section: Section, person_id: int, *, by_another: bool = False) -> models.QuerySet[Any]:
    """The rows of a table that are about one person, in the order they were written.

    ``by_another``: somebody who acts for them asks.
    """
    if by_another and section.name in ONES_OWN_ALONE:
        return section.table._default_manager.none()
    about = models.Q()
    for lookup in section.by:
        about |= models.Q(**{lookup: person_id})
    found = section.table._default_manager.filter(about).order_by("pk").distinct()
    if section.model in _FINISHED:
        # A draft is its psychologist's: the person receives what is finished.
        found = found.filter(_FINISHED[section.model])
    if section.model == "claims.Decision":
        # Not notified yet: a person at the fund confirms or lifts it first.
        found = found.filter(to_confirm=False)
    if section.model == "claims.Review":
        # The same: what was said of a refusal is told once it is said.
        found = found.filter(decision__claim__decisions__sequence__gt=F("decision__sequence"))
    return found


def told(section: Section, row: models.Model, person_id: int) -> dict[str, Any]:
    """One row as names and plain values."""
    return {field.name: _value(field, row, person_id) for field in given(section)}


def letters_about(kept: Iterable[tuple[str, models.Model]]) -> Iterator[str]:
    """The keys under which the outbox files letters about these rows: ``booking:12``."""
    for name, row in kept:
        yield f"{name}:{row.pk}"
        plan = getattr(row, "plan", None)
        if plan:
            yield f"plan:{plan}"


# section: the key that letters about its rows begin with.
LETTER_KEYS = {
    "bookings": "booking",
    "sessions": "care_session",
    "questionnaires": "questionnaire",
    "outcomes": "outcome",
    "claims": "claim",
    "contests": "contest",
    "paper_sheets": "paper",
    "decisions": "decision",
    "waits": "wait",
    "offers": "offer",
    "consent_links": "consent_link",
    "signatures": "signature",
    "requests": "request",
    "correction_requests": "correction",
    "rights_declared": "declaration",
    "sign_in_links": "link",
    "accounts": "account",
    "identity": "person",
    "writings": "writing",
    "writings_handed_over": "hand_over",
}


def _has_public_id(model: type[models.Model]) -> bool:
    return any(field.name == "public_id" for field in model._meta.local_concrete_fields)


def _value(field: models.Field[Any, Any], row: models.Model, person_id: int) -> Any:
    if field.is_relation:
        return _other(getattr(row, field.name), person_id)
    value = getattr(row, field.attname)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if field.name == "printed":
        return json.loads(value) if value else None
    return value


def _other(row: Any, person_id: int) -> Any:
    """What a row points to: a psychologist by name, a place by its address, else its public id."""
    if row is None:
        return None
    kind = row._meta.label
    if kind == "people.Person":
        return "you" if row.pk == person_id else "somebody else"
    if kind == "psychologists.Psychologist":
        return f"{row.given_name} {row.family_name}"
    if kind == "ledger.Account":
        return row.payer or ("you" if row.person_id == person_id else row.kind)
    if kind == "psychologists.PracticePlace":
        parts = (row.label, row.address_line, f"{row.postcode} {row.town_name}")
        return ", ".join(part for part in parts if part)
    return str(getattr(row, "public_id", row.pk))
