"""Signing in and out: sessions that begin and end, links sent by mail, a first account.

A proof is checked where it is given (a password by Django's hashers, a passkey and a code by
steps/protect.py); here is what follows from it. What is refused leaves a line too.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from soutien.registers.accounts import mail_links, open_sessions
from soutien.registers.accounts import queries as accounts
from soutien.registers.accounts.models import Account, LinkKind, MailLink, OpenSession, Role
from soutien.registers.audit.queries import REFUSED
from soutien.registers.people import queries as people
from soutien.rules.retention import KEPT
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.booked_before import booked_person
from soutien.steps.errors import Refusal
from soutien.steps.link_of_a_request import Asked, take_link
from soutien.steps.link_times import LASTS
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, announce, record

# The same term as every night's retention, which tells it to people.
KEPT_AFTER = timedelta(days=KEPT["sign_ins"].days)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who opens an account."""

    given_name: str
    family_name: str
    birth_date: date
    language: str = "fr"


@act("accounts.session.begun")
def begin_session(
    *,
    actor: Actor,
    session_key: str,
    device: str,
    how: str,
    second_factor: bool,
    ends_at: datetime,
    at: datetime,
) -> OpenSession:
    """A browser signed in, by ``how``: password, link, passkey or identity."""
    allow(actor, "begin_session", relations(actor, account_id=actor.account_id))
    session = open_sessions.begin(
        account_id=actor.account_id or 0,
        session_key=session_key,
        device=device,
        how=how,
        second_factor=second_factor,
        at=at,
        ends_at=ends_at,
    )
    record(
        actor,
        "accounts.session.begun",
        at=at,
        object_id=session.pk,
        person_id=actor.person_id,
        reason=how,
    )
    return session


@act("accounts.session.renewed")
def renew_session(
    *, actor: Actor, former_key: str, session_key: str, second_factor: bool, at: datetime
) -> bool:
    """The same browser goes on under a new key, once it may do more; false when it had ended."""
    allow(actor, "renew_session", relations(actor, account_id=actor.account_id))
    if not open_sessions.rename(former_key, session_key, second_factor=second_factor):
        return False
    record(
        actor,
        "accounts.session.renewed",
        at=at,
        object_id=actor.account_id or 0,
        person_id=actor.person_id,
    )
    return True


@act("accounts.session.refused")
def refuse_sign_in(*, account: Account | None, how: str, at: datetime) -> None:
    """Somebody tried to sign in, without the proof. The same work whether the account exists."""
    allow(SYSTEM, "refuse_sign_in")
    record(
        SYSTEM,
        "accounts.session.refused",
        at=at,
        object_id=account.pk if account else 0,
        person_id=account.person_id if account else None,
        reason=how,
        result=REFUSED,
    )


@act("accounts.session.ended")
def end_session(*, actor: Actor, session: OpenSession, at: datetime, why: str) -> bool:
    """End one of the account's own sessions, on purpose; false when it had ended."""
    allow(actor, "end_session", relations(actor, account_id=session.account_id))
    if not open_sessions.end(session.pk, at=at, why=why):
        return False
    record(
        actor,
        "accounts.session.ended",
        at=at,
        object_id=session.pk,
        person_id=actor.person_id,
        reason=why,
    )
    return True


@act("accounts.session.ended")
def end_other_sessions(*, actor: Actor, keep: OpenSession | None, at: datetime) -> int:
    """End the account's sessions everywhere else; how many."""
    allow(actor, "end_other_sessions", relations(actor, account_id=actor.account_id))
    ended = open_sessions.end_all(
        actor.account_id or 0, at=at, why="ended", keep=keep.pk if keep else None
    )
    record(
        actor,
        "accounts.session.ended",
        at=at,
        object_id=actor.account_id or 0,
        person_id=actor.person_id,
        reason="all_others",
    )
    return ended


@act("accounts.session.ended")
def expire_session(*, session: OpenSession, person_id: int | None, why: str, at: datetime) -> bool:
    """A session ran out: ``idle`` or ``too_old``; false when it had ended."""
    allow(SYSTEM, "expire_session")
    if not open_sessions.end(session.pk, at=at, why=why):
        return False
    record(
        SYSTEM,
        "accounts.session.ended",
        at=at,
        object_id=session.pk,
        person_id=person_id,
        reason=why,
    )
    return True


@act("accounts.link.asked")
def ask_for_link(
    *,
    actor: Actor,
    email: str,
    kind: LinkKind,
    language: str,
    at: datetime,
    browser: str = "",
    visitor_person_id: int | None = None,
    then: str = "",
) -> MailLink:
    """Send a link to an address, whatever we know of it: the mail alone says what.

    The same rows are written for an address with an account, with a closed one, and without.
    """
    allow(actor, "ask_for_link")
    account = accounts.by_email(email)
    link = mail_links.keep_link(
        kind=kind,
        email=email,
        account_id=account.pk if account else None,
        person_id=visitor_person_id,
        browser=browser,
        language=language,
        then=then,
        at=at,
        ends_at=at + LASTS[kind],
    )
    record(
        actor,
        "accounts.link.asked",
        at=at,
        object_id=link.pk,
        person_id=account.person_id if account else None,
        reason=str(kind),
    )
    announce("accounts.link.asked", at=at, link=link.pk)
    return link


@act("accounts.link.followed")
def follow_link(
    *, actor: Actor, public_id: uuid.UUID, asked: Asked, at: datetime
) -> tuple[Account, str]:
    """Use a link that signs in: whose it is, and the page asked for.

    Refuses ``link_over`` and ``link_elsewhere``.
    """
    allow(actor, "follow_link", relations(actor, by_link=True))
    link = take_link(public_id, LinkKind.SIGN_IN, asked, at=at)
    assert link.account is not None
    record(
        actor,
        "accounts.link.followed",
        at=at,
        object_id=link.pk,
        person_id=link.account.person_id,
        reason=link.kind,
    )
    return link.account, link.then


@act("accounts.account.opened")
def open_account(
    *,
    actor: Actor,
    public_id: uuid.UUID,
    password: str,
    newcomer: Newcomer | None,
    browser: str,
    at: datetime,
) -> Account:
    """Open a person's account on the address that the link was sent to.

    In the browser that asked, it keeps what was booked there (``newcomer`` is None). An empty
    password opens an account without one: links sent by mail then sign in. Refuses ``link_over``,
    ``account_exists`` and ``newcomer_missing``.
    """
    allow(actor, "open_account", relations(actor, by_link=True))
    link = mail_links.take(public_id, LinkKind.JOIN, at=at)
    if link is None:
        raise Refusal("link_over")
    if accounts.by_email(link.email) is not None:
        raise Refusal("account_exists")
    person_id = booked_person(link, browser) or _new_person(newcomer, link, at)
    account = accounts.open_for_person(
        link.email, password=password or None, person_id=person_id, role=Role.PERSON
    )
    record(actor, "accounts.account.opened", at=at, object_id=account.pk, person_id=person_id)
    return account


@act("accounts.session.forgotten")
def forget_old_sign_ins(*, at: datetime) -> int:
    """Remove sessions and links that were over long ago; how many."""
    allow(SYSTEM, "forget_old_sign_ins")
    before = at - KEPT_AFTER
    gone = open_sessions.forget_sessions_over(before) + mail_links.forget_over(before)
    if gone:
        record(SYSTEM, "accounts.session.forgotten", at=at, object_id=gone)
    return gone


def _new_person(newcomer: Newcomer | None, link: MailLink, at: datetime) -> int:
    if newcomer is None:
        raise Refusal("newcomer_missing", fields=("given_name", "family_name", "birth_date"))
    person = people.add_person(
        given_name=newcomer.given_name,
        family_name=newcomer.family_name,
        birth_date=newcomer.birth_date.isoformat(),
        email=link.email,
        language=newcomer.language,
        created_at=at,
    )
    return person.pk
