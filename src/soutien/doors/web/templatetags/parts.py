"""Our own few components, as template tags. A page is put together from these.

Each tag draws one file of ``templates/soutien/parts/``; pages never write component markup.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse, translate_url
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from soutien.doors.web.components import days
from soutien.doors.web.components.beads import Beads
from soutien.doors.web.components.fields import field_html
from soutien.doors.web.components.icons import DRAWINGS, ICONS, drawing_height
from soutien.doors.web.components.map import Map
from soutien.doors.web.components.map_svg import map_svg
from soutien.doors.web.components.parts import (
    Event,
    Figure,
    NavItem,
    Step,
    Table,
    steps_of,
)
from soutien.rules.money import euros as euros_of

register = template.Library()

NOTICE_ICONS = {"info": "info", "ok": "check", "warning": "warning", "danger": "warning"}
# Where the quick exit leads: a page nobody asks about.
QUICK_EXIT_URL = "https://meteofrance.com/"
END_OF_SENTENCE = re.compile(r"(?<=[.?!]) (?=[^\W\d_a-zà-ÿ])")


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """A line icon; decorative, the words beside it carry the meaning."""
    return format_html(
        '<svg width="{0}" height="{0}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" '
        'aria-hidden="true" focusable="false">{1}</svg>',
        size,
        mark_safe(ICONS[name]),
    )


@register.simple_tag
def drawing(name: str, width: int = 160) -> SafeString:
    """One of our own small drawings (room, chair, cups, window); decorative."""
    view_box, shapes = DRAWINGS[name]
    return format_html(
        '<svg class="drawing" width="{}" height="{}" viewBox="{}" fill="none" '
        'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" '
        'aria-hidden="true" focusable="false">{}</svg>',
        width,
        drawing_height(name, width),
        view_box,
        mark_safe(shapes),
    )


@register.simple_tag
def picture(name: str) -> SafeString:
    """A picture beside an easy sentence, from the sheet of the page; decorative."""
    return format_html(
        '<svg class="drawing picture" width="64" height="64" fill="none" stroke="currentColor" '
        'stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round" '
        'aria-hidden="true" focusable="false"><use href="#picture-{}"/></svg>',
        name,
    )


@register.filter
def sentence_a_line(text: str) -> SafeString:
    """Each sentence on a line of its own, as easy reading asks."""
    sentences = END_OF_SENTENCE.split(str(text))
    return format_html_join(mark_safe("<br>"), "{}", ((one,) for one in sentences))


@register.inclusion_tag("soutien/parts/button.html")
def button(
    label: str, href: str = "", kind: str = "main", icon: str = "", **more: str
) -> dict[str, Any]:
    """A link that looks like a button (with ``href``), or the button that sends a form.

    ``kind``: main, quiet, bare, danger. ``name`` and ``value`` go to a form button;
    ``about`` is said after the label to a screen reader (« Réserver 14:30 *avec* … »).
    """
    return {"label": label, "href": href, "kind": kind, "icon": icon, **more}


@register.simple_tag
def field(
    field: BoundField, optional: bool = False, classes: str = "", kept: bool = False
) -> SafeString:
    """A form field with its label, hint and error, joined by aria-describedby.

    Draws text, date, select, text area, one checkbox, radio and checkbox groups.
    ``optional`` adds « facultatif » to the label; ``kept`` draws the same answer once.
    """
    return field_html(field, optional=optional, classes=classes, kept=kept)


@register.inclusion_tag("soutien/parts/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """What is missing, on top, taking focus; each line leads to its field."""
    lines = []
    for name, errors in form.errors.items():
        if name == "__all__":
            lines += [(message, "") for message in errors]
            continue
        bound = form[name]
        first = f"{bound.auto_id}_0" if bound.field.widget.use_fieldset else bound.auto_id
        lines += [(message, first) for message in errors]
    return {"lines": lines}


@register.simple_block_tag
def notice(content: str, kind: str = "info", title: str = "") -> SafeString:
    """``{% notice "warning" title=… %}…{% endnotice %}``: info, ok, warning or danger."""
    return render_to_string(
        "soutien/parts/notice.html",
        {"content": content, "kind": kind, "title": title, "icon_name": NOTICE_ICONS[kind]},
    )


@register.simple_block_tag
def card(content: str, kind: str = "", anchor: str = "") -> SafeString:
    """``{% card %}…{% endcard %}``; kind: nothing, calm or warm."""
    return render_to_string(
        "soutien/parts/card.html", {"content": content, "kind": kind, "anchor": anchor}
    )


@register.inclusion_tag("soutien/parts/beads.html")
def beads(beads: Beads, caption: bool = True, scale: float = 1.0) -> dict[str, Any]:
    """The beads of the year; ``caption=False`` where the sentence stands beside already."""
    return {
        "beads": beads,
        "caption": caption,
        "shown_width": round(beads.width * scale),
        "shown_height": round(beads.height * scale),
    }


@register.inclusion_tag("soutien/parts/figures.html")
def figures(figures: Sequence[Figure]) -> dict[str, Any]:
    """Large numbers side by side, each with its label above and its reason below."""
    return {"figures": figures}


@register.inclusion_tag("soutien/parts/steps.html")
def steps(steps: Sequence[Step]) -> dict[str, Any]:
    """Where the reader is in a way of several screens."""
    return {"steps": steps}


@register.inclusion_tag("soutien/parts/steps.html")
def booking_steps(current: int) -> dict[str, Any]:
    """The three screens of a booking; ``current`` counts from 1."""
    return {"steps": steps_of((_("Le rendez-vous"), _("Vous"), _("Vérifier")), current)}


@register.inclusion_tag("soutien/parts/table.html")
def table(table: Table) -> dict[str, Any]:
    """A table that becomes cards on a small screen."""
    return {"table": table}


@register.inclusion_tag("soutien/parts/timeline.html")
def timeline(events: Sequence[Event]) -> dict[str, Any]:
    """What happened, in order."""
    return {"events": events}


@register.inclusion_tag("soutien/parts/tag.html")
def tag(label: str, kind: str = "", icon: str = "") -> dict[str, Any]:
    """A word in a rounded field; kind: nothing, ok, warm or danger."""
    return {"label": label, "kind": kind, "icon": icon}


@register.inclusion_tag("soutien/parts/pager.html", takes_context=True)
def pager(context: template.Context, page: int, pages: int) -> dict[str, Any]:
    """Previous and next, keeping the rest of the address (`page` is its parameter)."""
    request: HttpRequest = context["request"]

    def address(number: int) -> str:
        query = request.GET.copy()
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    return {
        "page": page,
        "pages": pages,
        "previous": address(page - 1) if page > 1 else "",
        "next": address(page + 1) if page < pages else "",
    }


@register.simple_tag
def area_map(area: Map) -> SafeString:
    """A small map; its numbered points lead to the cards of the list."""
    return map_svg(area)


@register.inclusion_tag("soutien/parts/help_line.html")
def help_line() -> dict[str, Any]:
    """15 and 3114, on every page, quiet and always there."""
    return {}


@register.inclusion_tag("soutien/parts/quick_exit.html")
def quick_exit() -> dict[str, Any]:
    """Leaves for a page nobody asks about; with script, this page also leaves the tab."""
    return {"href": QUICK_EXIT_URL}


@register.inclusion_tag("soutien/parts/language_switch.html", takes_context=True)
def language_switch(context: template.Context) -> dict[str, Any]:
    """The same page in the other language; from a page that says what failed, the first one."""
    other, label = ("en", "English") if days.in_french() else ("fr", "Français")
    request = context.get("request")
    # Where something went wrong, what was typed in the address is not repeated.
    known = None if context.get("failing") else request
    path = reverse("home") if known is None else known.get_full_path()
    return {"href": translate_url(path, other), "code": other, "label": label}


ROLE_PAGES = {
    "person": ("year", "Mon année"),
    "guardian": ("year", "Mon année"),
    "replacement": ("day", "Ma journée"),
    "psychologist": ("day", "Ma journée"),
    "doctor": ("own_letters", "Mes courriers"),
    "fund_agent": ("fund_claims", "Demandes"),
    "fund_supervisor": ("fund_claims", "Demandes"),
    "insurer_agent": ("insurer_parts", "Demandes"),
    "town_editor": ("desk", "Rédaction"),
    "town_author": ("desk", "Rédaction"),
}


def _role_label(url_name: str) -> str:
    return {
        "year": _("Mon année"),
        "day": _("Ma journée"),
        "fund_claims": _("Demandes"),
        "insurer_parts": _("Demandes"),
        "own_letters": _("Mes courriers"),
        "desk": _("Rédaction"),
    }[url_name]


@register.inclusion_tag("soutien/parts/navigation.html", takes_context=True)
def navigation(context: template.Context) -> dict[str, Any]:
    """The main menu: three public pages, then what the signed-in role works with."""
    request = context.get("request")
    user = getattr(request, "user", None)
    signed_in = bool(user is not None and user.is_authenticated)
    here = request.resolver_match.url_name if request and request.resolver_match else ""
    entries = [
        ("find", _("Trouver")),
        ("understand", _("Comprendre")),
        ("pay", _("Combien ?")),
    ]
    if signed_in:
        role_page = ROLE_PAGES.get(getattr(user, "role", ""))
        if role_page:
            entries.insert(0, (role_page[0], _role_label(role_page[0])))
        if getattr(user, "role", "") in ("psychologist", "replacement"):
            entries.insert(1, ("inbox", pgettext("à la psychologue", "Demandes")))
        if getattr(user, "role", "") == "psychologist":
            entries.insert(2, ("income", _("Règlements")))
        if getattr(user, "role", "") in ("fund_agent", "fund_supervisor"):
            entries.insert(1, ("fund_work", _("À traiter")))
            entries.insert(2, ("fund_papers", pgettext("feuilles de soins", "Papier")))
            entries.insert(3, ("fund_rights", _("Droits")))
            entries.insert(4, ("fund_corrections", _("Corrections")))
            entries.insert(5, ("fund_money", _("Virements")))
        if getattr(user, "role", "") == "insurer_agent":
            entries.insert(1, ("insurer_members", _("Adhérents")))
            entries.insert(2, ("insurer_contracts", _("Contrats")))
            entries.insert(3, ("fund_money", _("Virements")))
        entries.append(("security", _("Ma sécurité")))
    else:
        entries.append(("sign_in", _("Mon espace")))
    items = []
    for url_name, label in entries:
        try:
            items.append(NavItem(label, reverse(url_name), url_name == here))
        except NoReverseMatch:
            # A deployment may switch off one reader's pages; its entry goes with them.
            continue
    return {"items": items, "signed_in": signed_in, "request": request}


@register.simple_tag
def operator_name() -> str:
    """The name the operator gave to this site."""
    return str(settings.OPERATOR_NAME)


@register.simple_tag
def in_the_demo() -> bool:
    """Whether everybody here is made up: then the footer leads to the mailbox."""
    return bool(settings.DEMO)


@register.simple_tag
def page_language() -> str:
    return get_language() or "fr"


@register.filter
def euros(cents: int) -> str:
    """Cents as money in the reader's language: « 50 € », « 12,50 € », “€50”."""
    return euros_of(cents, "fr" if days.in_french() else "en")


@register.filter
def full_day(day: date) -> str:
    return days.full_day(day)


@register.filter
def week_day(day: date) -> str:
    """« mardi 24 novembre », where the year goes without saying."""
    return days.full_day(day, year=False)


@register.filter
def phone(number: str) -> str:
    return days.phone(number)


@register.filter
def plain_day(day: date) -> str:
    return days.plain_day(day)


@register.filter
def short_day(day: date) -> str:
    return days.short_day(day)


@register.filter
def clock(moment: datetime, time_zone: str = "Europe/Paris") -> str:
    """``slot.starts_at|clock:slot.time_zone``."""
    return days.clock(moment, time_zone)


@register.filter
def local_day(moment: datetime, time_zone: str = "Europe/Paris") -> date:
    """``slot.starts_at|local_day:slot.time_zone|full_day``."""
    return days.local(moment, time_zone).date()


@register.filter
def distance(metres: float) -> str:
    return days.distance(metres)
