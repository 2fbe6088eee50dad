"""A holder sends the paper that says what they are; who verifies it reads it, nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused

from soutien.registers.audit.models import Entry
from soutien.registers.guardians import queries as guardians
from soutien.registers.guardians.models import Link, Paper
from soutien.registers.people.models import Person
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.guard import claim_guardianship
from soutien.steps.prove import open_paper, send_paper
from soutien.steps.witness import record_proof

pytestmark = pytest.mark.django_db

TODAY = scene.MONDAY
AT = scene.at(TODAY)
DAY = timedelta(days=1)
PDF = "application/pdf"


@pytest.fixture
def where() -> scene.Practice:
    return scene.practice(sees_children=True)


@pytest.fixture
def lea(where: scene.Practice) -> Person:
    who = factories.person(at=AT, birth_date="2018-05-17")
    factories.booking(where.place, starts_at=AT + 7 * DAY, who=who)
    return who


@pytest.fixture
def link(where: scene.Practice, lea: Person) -> Link:
    return factories.consent_link(factories.holder(lea, at=AT), where.place.psychologist, at=AT)


def sent(link: Link, content: bytes = b"livret", *, at=AT, kind: str = PDF) -> Paper:
    send_paper(actor=ANONYMOUS, link_id=link.public_id, content_type=kind, content=content, at=at)
    return Paper.objects.latest("pk")


def opened(actor: Actor, paper_id: UUID) -> bytes:
    return open_paper(actor=actor, paper_id=paper_id, at=AT).content


def test_the_psychologist_of_the_child_reads_it_and_nobody_else(
    where: scene.Practice, lea: Person, link: Link
):
    paper = sent(link)
    assert opened(where.actor, paper.public_id) == b"livret"
    for actor in (
        ANONYMOUS,
        scene.practice().actor,
        Actor("person", account_id=1, person_id=lea.pk),
        Actor("guardian", account_id=1, person_id=7, on_behalf_of=lea.pk),
        Actor("administrator"),
    ):
        with refused("not_allowed"):
            opened(actor, paper.public_id)
    with refused("not_found"):
        opened(where.actor, uuid4())
    events = Entry.objects.filter(person_id=lea.pk, result="done")
    told = [line for line in events.values_list("event", flat=True) if ".paper." in line]
    assert told == ["guardians.paper.sent", "guardians.paper.opened"]


def test_sent_twice_it_is_there_once_and_there_are_a_few_at_most(link: Link):
    for content in (b"a", b"a", b"b", b"c"):
        sent(link, content)
    assert Paper.objects.count() == len(b"abc")
    with refused("documents_enough"):
        sent(link, b"d")


def test_what_is_no_paper_and_a_link_that_is_over_are_refused(link: Link):
    for code, told in (
        ("document_unclear", {"kind": "text/html"}),
        ("document_unclear", {"content": b""}),
        ("document_too_large", {"content": b"x" * (5 * 1_048_576 + 1)}),
        ("link_too_old", {"at": link.ends_at}),
    ):
        with refused(code):
            sent(link, **told)
    with refused("not_found"):
        send_paper(actor=ANONYMOUS, link_id=uuid4(), content_type=PDF, content=b"x", at=AT)
    guardians.remove(link.holder, AT)
    with refused("not_found"):
        sent(link)
    paper = Paper(holder=link.holder, content_type="text/html", size_bytes=1, content="eA==")
    paper.sent_at = AT
    with pytest.raises(IntegrityError, match="guardians_paper_words"), transaction.atomic():
        paper.save()


def test_the_guardianship_points_to_the_paper_that_was_sent_and_seen(
    where: scene.Practice, lea: Person, link: Link
):
    paper = sent(link)
    mother = factories.person(at=AT)
    own = Actor("person", account_id=71, person_id=mother.pk)
    claim = {"link_id": link.public_id, "on": TODAY, "at": AT}
    with refused("proof_missing"):
        claim_guardianship(actor=own, **claim)
    record_proof(
        actor=replace(where.actor, account_id=72),
        booking_id=lea_booking(lea),
        holder_id=link.holder.public_id,
        proof="livret de famille, 17 mai 2018",
        at=AT,
    )
    row = claim_guardianship(actor=own, **claim)
    assert (row.paper, row.recorded_by_account) == (paper, 72)


def lea_booking(lea: Person) -> UUID:
    [booking] = factories.Booking.objects.filter(person=lea)
    return booking.public_id
