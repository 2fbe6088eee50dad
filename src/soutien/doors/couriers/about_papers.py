"""Letters about papers: a document or an answer is there, and nothing of what it is."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from soutien.doors.appointments import absolute
from soutien.doors.booking_links import booking_path
from soutien.doors.couriers.message import Message
from soutien.doors.couriers.writing import Task, Words, to_person, to_psychologist
from soutien.registers.accounts import queries as accounts
from soutien.registers.agenda.models import Booking
from soutien.registers.claims import papers
from soutien.registers.claims import queries as claims
from soutien.registers.insurance import queries as insurance
from soutien.registers.people.models import Person
from soutien.registers.rights import queries as rights
from soutien.registers.writings import queries as writings


def session_held(task: Task) -> list[Message]:
    """To the person: a document is there, and nothing of what it is."""
    line = claims.line_of_session(task.key("care_session"))
    if line is None:
        return []
    sheet, session = line.care_sheet, line.care_session
    with override(sheet.person.language):
        own = absolute(reverse("sheet", args=[sheet.public_id]))
        link = _link(sheet.person, own, session.booking)
        words = Words("document", _("Un document vous attend"), _("Un message vous attend"))
        return to_person(task, sheet.person, words, {}, link=link)


def writing_signed(task: Task) -> list[Message]:
    """To a person with an account: a document is there, and nothing of what it is."""
    writing = writings.by_id(task.key("writing"))
    if writing is None or accounts.of_person(writing.person_id) is None:
        return []
    person = writing.person
    with override(person.language):
        words = Words("document", _("Un document vous attend"), _("Un message vous attend"))
        return to_person(task, person, words, {}, link=absolute(reverse("own_documents")))


def follow_up_due(task: Task) -> list[Message]:
    """To the psychologist who sent somebody elsewhere: were they seen? No name, no word on it.

    Nobody is asked once the answer is there, unless the answer was to ask again.
    """
    hand_over = writings.hand_over_by_id(task.key("hand_over"))
    if hand_over is None or writings.last_answer(hand_over) in ("seen", "not_seen"):
        return []
    writing = hand_over.writing
    link = absolute(reverse("hand_over", args=[writing.public_id]))
    return to_psychologist(
        task, writing.psychologist, "follow_up_due", _("Une nouvelle à prendre"), {"link": link}
    )


def session_missed(task: Task) -> list[Message]:
    """Nobody is told: both were there, or should have been."""
    return []


def claim_decided(task: Task) -> list[Message]:
    """To the person: an answer is there. One that a person must still confirm is not told."""
    decision = claims.latest_decision(task.key("claim"))
    if decision is None or decision.to_confirm or decision.pk != task.key("decision"):
        return []
    return _answer_waits(task, decision.claim_id)


def contest_made(task: Task) -> list[Message]:
    """To the person: what they said has arrived, and nothing of what it is."""
    return _answer_waits(task, task.key("claim"))


def contest_answered(task: Task) -> list[Message]:
    """To the person: an answer is there, accepted or not."""
    return _answer_waits(task, task.key("claim"))


def _answer_waits(task: Task, claim_id: int) -> list[Message]:
    claim = claims.with_person(claim_id)
    if claim is None:
        return []
    with override(claim.person.language):
        own = absolute(reverse("claim_person", args=[claim.public_id]))
        link = _link(claim.person, own, claim.care_session.booking)
        words = Words("answer", _("Une réponse vous attend"), _("Un message vous attend"))
        return to_person(task, claim.person, words, {}, link=link)


def paper_returned(task: Task) -> list[Message]:
    """To the psychologist, a sheet to do again; to a person with an account, that a page says so.

    Neither mail names anybody, or says what was wrong.
    """
    paper = papers.by_key(task.key("paper"))
    if paper is None or paper.state != papers.RETURNED or paper.person.forgotten_at is not None:
        return []
    link = absolute(reverse("receipt", args=[paper.public_id]))
    told = to_psychologist(
        task, paper.psychologist, "paper_returned", _("Une feuille à refaire"), {"link": link}
    )
    if accounts.of_person(paper.person_id) is None:
        return told
    with override(paper.person.language):
        words = Words("answer", _("Une réponse vous attend"), _("Un message vous attend"))
        return [*told, *to_person(task, paper.person, words, {}, link=link)]


def rights_changed(task: Task) -> list[Message]:
    """To a person with an account: something of their rights was written, and not what."""
    person = Person.objects.filter(pk=task.key("person"), forgotten_at__isnull=True).first()
    return [] if person is None else _about_rights(task, person, changed=True)


def right_ending(task: Task) -> list[Message]:
    """To a person with an account: a right ends soon; which one is not in the mail."""
    person = Person.objects.filter(pk=task.key("person"), forgotten_at__isnull=True).first()
    if person is None or accounts.of_person(person.pk) is None:
        return []
    with override(person.language):
        words = Words("right_ending", _("Un droit finit bientôt"), _("Un message vous attend"))
        return to_person(task, person, words, {}, link=absolute(reverse("own_rights")))


def declaration_answered(task: Task) -> list[Message]:
    """To a person with an account: their fund answered, and the answer is not in the mail."""
    declaration = rights.declaration_by_id(task.key("declaration"))
    if declaration is None:
        return []
    return _about_rights(task, declaration.person, changed=False)


def part_decided(task: Task) -> list[Message]:
    """To the person, when their insurer refuses: an answer is there. A part paid needs none."""
    part = insurance.part_by_id(task.key("part"))
    if part is None or part.accepted or part.claim.person.forgotten_at is not None:
        return []
    claim = part.claim
    with override(claim.person.language):
        own = absolute(reverse("claim_person", args=[claim.public_id]))
        link = _link(claim.person, own, claim.care_session.booking)
        words = Words("answer", _("Une réponse vous attend"), _("Un message vous attend"))
        return to_person(task, claim.person, words, {}, link=link)


def _about_rights(task: Task, person: Person, *, changed: bool) -> list[Message]:
    if accounts.of_person(person.pk) is None:
        return []
    with override(person.language):
        subject = _("Vos droits ont changé") if changed else _("Une réponse vous attend")
        words = Words("rights" if changed else "answer", subject, _("Un message vous attend"))
        return to_person(task, person, words, {}, link=absolute(reverse("own_rights")))


def _link(person: Person, own: str, booking: Booking | None) -> str:
    """The page itself for who has an account, else the appointment's own unguessable page."""
    if accounts.of_person(person.pk) is not None:
        return own
    return absolute(booking_path(booking.public_id) if booking else reverse("home"))
