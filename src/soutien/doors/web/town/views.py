"""A town's portal as everybody reads it: its front, one page, the search, feeds."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from soutien.doors.calendar_file import CONTENT_TYPE
from soutien.doors.web.town import colours, search_form, words
from soutien.doors.web.town.markdown import page_of
from soutien.registers.contents import queries as contents
from soutien.registers.contents.models import LANGUAGES
from soutien.steps.errors import Refusal
from soutien.steps.find import Results, find_by_name
from soutien.steps.reread import read_again, text_of
from soutien.steps.seek import (
    Portal,
    Reading,
    list_towns,
    open_portal,
    read_content,
    search_contents,
)

FEED_LENGTH = 30
SITEMAP_LENGTH = 40_000
USUAL_LENGTH = timedelta(hours=1)
PEOPLE_SHOWN = 3
MOST_WORDS_OF_A_NAME = 4


def language() -> str:
    """The language of the page, of the two that contents have."""
    current = (get_language() or "fr")[:2]
    return current if current in LANGUAGES else "fr"


def _outside(path: str) -> str:
    """The whole address, for what is read elsewhere."""
    return f"{settings.ADDRESS}{path}"


def _portal(town: str) -> Portal:
    try:
        return open_portal(town=town, language=language(), at=timezone.now())
    except Refusal as refusal:
        raise Http404(refusal.code) from refusal


@require_safe
def town_list(request: HttpRequest) -> HttpResponse:
    """Every portal of this installation; the only one at once."""
    found = list_towns(at=timezone.now())
    if len(found) == 1:
        return redirect("town_home", found[0].slug)
    return render(request, "soutien/town/list.html", {"towns": found})


@require_safe
def town_home(request: HttpRequest, town: str) -> HttpResponse:
    """News, what comes, categories, and the search."""
    portal = _portal(town)
    told = {
        "portal": portal,
        "news": [words.card_of(portal.town, entry) for entry in portal.news],
        "events": [words.card_of(portal.town, entry) for entry in portal.events],
        "pages": [words.card_of(portal.town, entry) for entry in portal.pages],
        "categories": [(one.slug, words.name_of(one, language())) for one in portal.categories],
        "kinds": list(words.KINDS.items()),
    }
    return render(request, "soutien/town/home.html", told)


@require_safe
def town_page(request: HttpRequest, town: str, address: str) -> HttpResponse:
    """One content; a former address leads to where it is now."""
    reading = _reading(town, address)
    portal, content, version = reading.portal, reading.content, reading.version
    if reading.moved:
        return redirect(words.address_of(portal.town, content), permanent=True)
    today = timezone.localdate()
    told = {
        "portal": portal,
        "content": content,
        "version": version,
        "kind": words.ONE[content.kind],
        "page": page_of(version.body, content.language, today),
        "stale": read_again(text_of(version), content.language, today, language()),
        "today": today,
        "when": words.span(version.starts_at, version.ends_at) if version.starts_at else "",
        "sources": [line.strip() for line in version.sources.splitlines() if line.strip()],
        "categories": [(one.slug, words.name_of(one, language())) for one in reading.categories],
        "others": _others(reading),
    }
    return render(request, "soutien/town/page.html", told)


def _reading(town: str, address: str) -> Reading:
    try:
        return read_content(town=town, language=language(), address=address, at=timezone.now())
    except Refusal as refusal:
        raise Http404(refusal.code) from refusal


def _others(reading: Reading) -> list[tuple[str, str]]:
    found = []
    for one in reading.others:
        with override(one.language):
            found.append((one.language, words.address_of(reading.portal.town, one)))
    return found


@require_safe
def town_search(request: HttpRequest, town: str) -> HttpResponse:
    """What answers, with each choice and how much it would leave. Nothing of it is kept."""
    portal = _portal(town)
    named = {one.slug: words.name_of(one, language()) for one in portal.categories}
    wanted = search_form.read(request.GET, list(named))
    answer = search_contents(
        town=town,
        language=language(),
        text=wanted.text,
        choices=wanted.choices(),
        exact=wanted.exact,
        page=wanted.page,
        at=timezone.now(),
    )
    people = _people(wanted)
    kinds = {kind: str(label) for kind, label in words.KINDS.items()}
    found = answer.found
    places = {place: place for place in sorted(found.places)} | (
        {wanted.place: wanted.place} if wanted.place else {}
    )
    told = {
        "portal": portal,
        "wanted": wanted,
        "answer": answer,
        "count": words.counted(0 if answer.how == "everything" else answer.total),
        "results": []
        if wanted.only_people
        else [words.result_of(portal.town, hit) for hit in answer.hits],
        "people": people,
        "kinds": search_form.options(kinds, found.kinds, wanted.kinds),
        "categories": search_form.options(named, found.categories, wanted.categories),
        "places": search_form.options(places, found.places, [wanted.place]),
        "without_choices": _without_choices(request) if wanted.narrowed else "",
        "as_typed": _as_typed(request),
    }
    return render(request, "soutien/town/search.html", told)


def _people(wanted: search_form.Wanted) -> Results | None:
    """Psychologists whose name has the words typed, when they may be a name."""
    typed = wanted.text.split()
    if not typed or len(typed) > MOST_WORDS_OF_A_NAME or (wanted.kinds and not wanted.people):
        return None
    named = find_by_name(
        name=wanted.text,
        at=timezone.now(),
        page=wanted.page if wanted.only_people else 1,
        page_size=12 if wanted.only_people else PEOPLE_SHOWN,
    )
    return named if named.total else None


def _without_choices(request: HttpRequest) -> str:
    query = request.GET.copy()
    for name in list(query):
        if name != "q":
            del query[name]
    return f"?{query.urlencode()}"


def _as_typed(request: HttpRequest) -> str:
    """The same search for exactly what was typed."""
    query = request.GET.copy()
    query["exact"] = "1"
    query.pop("page", None)
    return f"?{query.urlencode()}"


@require_safe
def town_colours(request: HttpRequest, town: str) -> HttpResponse:
    """A town's colour, as a sheet of style."""
    found = contents.town(town)
    if found is None:
        raise Http404
    return HttpResponse(colours.sheet(found.colour), content_type="text/css; charset=utf-8")


@require_safe
def town_feed(request: HttpRequest, town: str) -> HttpResponse:
    """The latest news and events, as RSS."""
    portal = _portal(town)
    feed = Rss201rev2Feed(
        title=portal.town.name,
        link=_outside(reverse("town_home", args=[town])),
        description=portal.town.welcome or portal.town.name,
        language=language(),
    )
    live = contents.live_in(portal.towns, language(), timezone.now())
    for entry in live.filter(kind__in=("article", "event")).order_by("-live_from")[:FEED_LENGTH]:
        feed.add_item(
            title=entry.version.title,
            link=_outside(words.address_of(portal.town, entry.content)),
            description=entry.version.summary or entry.told[:300],
            unique_id=str(entry.content.public_id),
            unique_id_is_permalink=False,
            pubdate=entry.live_from,
        )
    return HttpResponse(
        feed.writeString("utf-8"), content_type="application/rss+xml; charset=utf-8"
    )


@require_safe
def town_event(request: HttpRequest, town: str, address: str) -> HttpResponse:
    """One event, as a file for calendars."""
    reading = _reading(town, address)
    version = reading.version
    if version.starts_at is None:
        raise Http404
    event = Event()
    event.add("uid", f"{reading.content.public_id}@{request.get_host().partition(':')[0]}")
    event.add("summary", version.title)
    event.add("dtstamp", version.written_at.astimezone(UTC))
    event.add("sequence", version.number)
    event.add("dtstart", version.starts_at.astimezone(UTC))
    event.add("dtend", (version.ends_at or version.starts_at + USUAL_LENGTH).astimezone(UTC))
    where = (version.place_name, version.address_line, f"{version.postcode} {version.place_town}")
    event.add("location", ", ".join(part.strip() for part in where if part.strip()))
    event.add("url", _outside(words.address_of(reading.portal.town, reading.content)))
    calendar = Calendar()
    calendar.add("prodid", "-//Soutien//Portail//FR")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    name = f"{reading.content.slug}.ics"
    return HttpResponse(
        calendar.to_ical(),
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page that search engines may read, each where its own town shows it."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">')
    for found in LANGUAGES:
        with override(found):
            for town in list_towns(at=timezone.now()):
                lines.append(_location(reverse("town_home", args=[town.slug])))
                live = contents.live_in([town], found, timezone.now()).order_by("-live_from")
                lines += [
                    _location(words.address_of(town, entry.content), entry)
                    for entry in live[:SITEMAP_LENGTH]
                ]
    lines.append("</urlset>")
    return HttpResponse("\n".join(lines), content_type="application/xml; charset=utf-8")


def _location(path: str, entry: Any = None) -> str:
    """One line; our addresses hold nothing that XML would read otherwise."""
    changed = f"<lastmod>{entry.version.written_at:%Y-%m-%d}</lastmod>" if entry else ""
    return f"<url><loc>{_outside(path)}</loc>{changed}</url>"
