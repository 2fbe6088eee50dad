"""Letters about the directory: is what it says still true?"""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from soutien.doors.appointments import absolute
from soutien.doors.couriers.message import Message
from soutien.doors.couriers.writing import Task, to_psychologist
from soutien.doors.entry_links import entry_path
from soutien.registers.psychologists import confirmations


def confirmation_asked(task: Task) -> list[Message]:
    """To the psychologist: one page, two buttons. Not once it was answered."""
    request = confirmations.request_of(UUID(task.key("request")))
    if request is None or request.answered_at is not None:
        return []
    with override("fr"):
        return to_psychologist(
            task,
            request.psychologist,
            "confirmation",
            _("Votre fiche est-elle toujours juste ?"),
            {"link": absolute(entry_path(request.public_id))},
        )
