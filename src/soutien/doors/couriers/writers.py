"""What each kind of letter becomes: the messages to send, or none when there is nothing to say.

A letter holds keys; what it says is read when it is delivered, so that an appointment cancelled
meanwhile is never told as if it stood. Nothing clinical is ever written, and nobody's name goes
to somebody else's mailbox. Who asked for discretion is written to under a neutral name, with a
neutral subject, without the name of whom they see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from soutien.doors.appointments import ANNOUNCED, MOVED, WITHDRAWN
from soutien.doors.couriers import (
    about_accounts,
    about_bookings,
    about_consents,
    about_directory,
    about_majority,
    about_measures,
    about_papers,
    about_waiting,
)
from soutien.doors.couriers.message import Message
from soutien.doors.couriers.writing import Task

Writer = Callable[[Task], list[Message]]

WRITERS: Mapping[str, Writer] = {
    "accounts.link.asked": about_accounts.link_asked,
    "accounts.space.taken": about_accounts.space_taken,
    "accounts.password.changed": about_accounts.security_changed,
    "accounts.factor.added": about_accounts.security_changed,
    "accounts.factor.removed": about_accounts.security_changed,
    "accounts.code.used": about_accounts.security_changed,
    "accounts.recovery.begun": about_accounts.recovery_begun,
    "accounts.recovery.ready": about_accounts.recovery_ready,
    "accounts.recovery.stopped": about_accounts.recovery_over,
    "accounts.recovery.done": about_accounts.recovery_over,
    "accounts.email.changed": about_accounts.email_changed,
    "corrections.request.asked": about_accounts.correction_asked,
    "corrections.request.answered": about_accounts.correction_answered,
    "people.contact.changed": about_accounts.contact_changed,
    "people.address.left": about_accounts.address_left,
    ANNOUNCED: about_bookings.booking_confirmed,
    MOVED: about_bookings.booking_moved,
    WITHDRAWN: about_bookings.booking_cancelled,
    about_bookings.PLANNED: about_bookings.plan_booked,
    "agenda.reminder.due": about_bookings.reminder_due,
    "agenda.hold.ends": about_bookings.hold_ended,
    "agenda.hours.changed": about_waiting.nothing_to_tell,
    "care.seat.displaced": about_bookings.seat_displaced,
    "care.session.held": about_papers.session_held,
    "care.session.missed": about_papers.session_missed,
    "claims.claim.decided": about_papers.claim_decided,
    "claims.contest.made": about_papers.contest_made,
    "claims.paper.returned": about_papers.paper_returned,
    "rights.person.ending": about_papers.right_ending,
    "claims.contest.answered": about_papers.contest_answered,
    "measures.questionnaire.asked": about_measures.questionnaire_asked,
    "measures.outcome.filled": about_measures.outcome_filled,
    "measures.outcome.waits": about_measures.outcome_waits,
    "guardians.link.made": about_consents.link_made,
    "guardians.signature.given": about_consents.signature_given,
    "guardians.wait.ended": about_consents.wait_ended,
    "people.majority.near": about_majority.majority_near,
    "people.majority.passed": about_majority.majority_passed,
    "psychologists.confirmation.asked": about_directory.confirmation_asked,
    "rights.person.changed": about_papers.rights_changed,
    "rights.declaration.answered": about_papers.declaration_answered,
    "insurance.part.decided": about_papers.part_decided,
    "writings.writing.signed": about_papers.writing_signed,
    "writings.follow_up.due": about_papers.follow_up_due,
    "waiting.wait.joined": about_waiting.wait_joined,
    "waiting.wait.left": about_waiting.nothing_to_tell,
    "waiting.wait.asked": about_waiting.wait_asked,
    "waiting.wait.booked": about_waiting.wait_answered,
    "waiting.wait.refused": about_waiting.wait_answered,
    "waiting.wait.unanswered": about_waiting.wait_unanswered,
    "waiting.offer.made": about_waiting.offer_made,
    "waiting.offer.taken": about_waiting.nothing_to_tell,
    "waiting.offer.declined": about_waiting.nothing_to_tell,
    "waiting.offer.ignored": about_waiting.offer_over,
    "waiting.offer.withdrawn": about_waiting.offer_over,
    "waiting.request.made": about_waiting.request_made,
    "waiting.request.answered": about_waiting.request_answered,
    "waiting.request.booked": about_waiting.request_answered,
    "waiting.request.refused": about_waiting.request_answered,
    "waiting.request.unanswered": about_waiting.request_answered,
}
