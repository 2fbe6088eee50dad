"""A psychologist of the list as HTML, drawn without a template: a page holds a dozen.

Everything that is not a word of ours is escaped here.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from soutien.doors.once import once_a_language
from soutien.doors.web.public.cards import PersonCard, SlotLink


@dataclass(frozen=True)
class Words:
    """What each card says in the same words."""

    first_sessions_with: str
    book: str
    book_at: str
    no_slot: str


@once_a_language
def words_of_cards(times_asked: bool) -> Words:
    """The words in the reader's language; ``times_asked`` when only some times suit."""
    return Words(
        first_sessions_with=_("Premières séances libres avec %(name)s"),
        book=_("Réserver"),
        book_at=_("Réserver %(day)s %(clock)s"),
        no_slot=_("Pas d’heure libre à ces moments-là pour une première séance.")
        if times_asked
        else _("Pas d’heure libre pour une première séance ces prochaines semaines."),
    )


def card_html(person: PersonCard, words: Words) -> SafeString:
    """One card: who, how far, for whom, and the next free first sessions."""
    away = f"<strong>{escape(person.distance)}</strong> · " if person.distance else ""
    full = f'<p class="full">{escape(person.full)}</p>'
    times = full if person.full else _slots(person, words)
    return mark_safe(
        f'<article class="card person {person.look}" id="{person.anchor}">\n'
        f'  <h2><span class="point" aria-hidden="true">{person.number}</span>'
        f'<a href="{escape(person.href)}">{escape(person.name)}</a></h2>\n'
        f'  <p class="soft small">{away}{escape(person.address)}</p>\n'
        f'  <p class="small facts-line">{escape(person.facts)}</p>\n'
        f"  {times}\n"
        f'  <p class="small statement">{escape(person.statement)}</p>\n'
        "</article>\n"
    )


def _slots(person: PersonCard, words: Words) -> str:
    if not person.slots:
        return f'<p class="no-slot">{words.no_slot}</p>\n'
    label = words.first_sessions_with % {"name": escape(person.name)}
    first, *others = person.slots
    lines = [_first_slot(first, words), *(_other_slot(slot, words) for slot in others)]
    items = "".join(f"\n  <li>{line}</li>" for line in lines)
    return f'<ul class="slots next-slots" aria-label="{label}">{items}\n</ul>\n'


def _first_slot(slot: SlotLink, words: Words) -> str:
    said = words.book_at % {"day": escape(slot.day), "clock": slot.clock}
    return f'<a class="button" href="{escape(slot.href)}" rel="nofollow">{said}</a>'


def _other_slot(slot: SlotLink, words: Words) -> str:
    day = escape(slot.day)
    said = f"{day} " if slot.day_said else f'<span class="hide">{day} </span>'
    return (
        f'<a class="button quiet slot" href="{escape(slot.href)}" rel="nofollow">'
        f'<span class="hide">{words.book} </span>{said}{slot.clock}</a>'
    )
