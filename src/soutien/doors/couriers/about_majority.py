"""Letters about coming of age: to the young person, and to who acts or answered for them."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from soutien.doors.appointments import absolute
from soutien.doors.booking_links import booking_path
from soutien.doors.couriers.about_accounts import Reader, mail, reader_of_person
from soutien.doors.couriers.message import Message
from soutien.doors.couriers.writing import Task
from soutien.doors.days import plain_day, when
from soutien.registers.agenda import queries as agenda
from soutien.registers.guardians import queries as guardians
from soutien.registers.people import guardianships
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.rules.calendar import civil_date, day_number
from soutien.rules.guardianship import comes_of_age_on
from soutien.steps import gather

ZONE = "Europe/Paris"


def majority_near(task: Task) -> list[Message]:
    """A month before: what changes on the day, for whom the letter is. Nothing once it came."""
    found = _whom(task)
    if found is None:
        return []
    person, reader, own = found
    today = gather.civil_day(task.at, ZONE)
    day = _of_age(person, today)
    if day <= today:
        return []
    with override(reader.language):
        context = {"day": plain_day(day), "link": absolute(reverse("sign_in" if own else "help"))}
        template = "majority" if own else "majority_parent"
        subject = _("Ce qui change le %(day)s") % context
        return mail(task, reader, template, subject, context)


def majority_passed(task: Task) -> list[Message]:
    """To the young adult, at their own mailbox: the new addresses of their appointments."""
    person = people.with_rights(task.key("person"))
    reader = reader_of_person(person)
    lines = agenda.bookings_of_person(person.pk, since=task.at)
    coming = agenda.with_places([line.id for line in lines])
    if reader is None or not coming:
        return []
    with override(reader.language):
        told = [
            (when(row.starts_at, row.place.time_zone), absolute(booking_path(row.public_id)))
            for row in coming
        ]
        context = {"lines": told, "link": absolute(reverse("sign_in"))}
        return mail(task, reader, "majority_passed", _("Vos rendez-vous sont à vous"), context)


def _whom(task: Task) -> tuple[Person, Reader, bool] | None:
    """About whom, to whom, and whether these are the same."""
    keys = task.letter.payload
    if "guardianship" in keys:
        row = guardianships.by_id(keys["guardianship"])
        reader = reader_of_person(row.guardian) if row else None
        return (row.child, reader, False) if row and reader else None
    if "holder" in keys:
        holder = guardians.holder_by_id(keys["holder"])
        if holder is None or not holder.email:
            return None
        return holder.child, Reader(holder.email, holder.language, True), False
    person = people.with_rights(keys["person"])
    reader = reader_of_person(person)
    return (person, reader, True) if reader else None


def _of_age(person: Person, on: date) -> date:
    born = date.fromisoformat(person.birth_date)
    majority = gather.terms_on(on).majority_age_years
    return civil_date(comes_of_age_on(day_number(born), majority))
