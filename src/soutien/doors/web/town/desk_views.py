"""The newsroom of a town: its list, writing with a preview, versions, publishing, the portal."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.town import words
from soutien.doors.web.town.forms import (
    AddressForm,
    ContentForm,
    PublishForm,
    TownForm,
    arranged_now,
    written,
)
from soutien.doors.web.town.markdown import page_of
from soutien.registers.contents.models import (
    BODY_LENGTH,
    KINDS,
    LANGUAGES,
    Category,
    Version,
)
from soutien.registers.contents.queries import is_live
from soutien.steps.draft import (
    Line,
    OpenContent,
    add_content,
    list_contents,
    open_content,
    return_to_version,
    rewrite_content,
)
from soutien.steps.errors import Refusal
from soutien.steps.publish import (
    move_content,
    publish_content,
    trash_content,
    untrash_content,
    withdraw_content,
)
from soutien.steps.reread import read_again, text_of
from soutien.steps.settle import arrange_town, open_town

UNCLEAR = 422
LONGEST_NUMBER, LONGEST_LINE = 6, 400
EDITOR = "town_editor"


def _lang() -> str:
    return "fr" if in_french() else "en"


def _named(categories: tuple[Category, ...]) -> list[tuple[str, str]]:
    return [(one.slug, words.name_of(one, _lang())) for one in categories]


@dataclass(frozen=True, slots=True)
class Shown:
    """A content in the newsroom's list, in words."""

    line: Line
    kind: str
    state: str
    tag: str


def shown(line: Line) -> Shown:
    """« En ligne », « Programmé », « Brouillon »…, and whether a newer version waits."""
    content, now = line.content, timezone.now()
    if content.live is None or content.live_from is None:
        state, tag = _("Brouillon"), ""
    elif content.live_from > now:
        state, tag = _("Programmé"), "warm"
    elif not is_live(content, now):
        state, tag = _("Terminé"), ""
    elif line.live_is_last:
        state, tag = _("En ligne"), "ok"
    else:
        state, tag = _("En ligne, changement à publier"), "warm"
    return Shown(line, str(words.ONE[content.kind]), state, tag)


@require_safe
@private_page
def desk(request: HttpRequest) -> HttpResponse:
    """What the town has, the last changed first."""
    found = list_contents(actor=actor_of(request), at=timezone.now())
    told = {
        "desk": found,
        "lines": [shown(line) for line in found.lines],
        "kinds": list(words.ONE.items()),
        "is_editor": actor_of(request).role == EDITOR,
    }
    return render(request, "soutien/town/desk.html", told)


@require_safe
@private_page
def desk_trash(request: HttpRequest) -> HttpResponse:
    """What was put in the trash."""
    found = list_contents(actor=actor_of(request), at=timezone.now(), trashed=True)
    told = {
        "desk": found,
        "lines": [shown(line) for line in found.lines],
        "is_editor": actor_of(request).role == EDITOR,
    }
    return render(request, "soutien/town/trash.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def desk_new(request: HttpRequest, kind: str) -> HttpResponse:
    """A new content: written once, then corrected on its own page."""
    found = list_contents(actor=actor_of(request), at=timezone.now())
    if kind not in KINDS:
        raise Http404
    form = ContentForm(kind, _named(found.categories), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            public_id = add_content(
                actor=actor_of(request),
                kind=kind,
                draft=form.draft(),
                language=_language(request),
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.tell(refusal)
        else:
            messages.success(request, _("Le brouillon est enregistré."))
            return redirect("desk_write", public_id)
    told = {"form": form, "kind": words.ONE[kind], "new": True, "language": _language(request)}
    return render(request, "soutien/town/write.html", told, status=_status(form))


def _language(request: HttpRequest) -> str:
    asked = request.POST.get("language", "fr")
    return asked if asked in LANGUAGES else "fr"


def _status(form: ContentForm | TownForm) -> int | None:
    return UNCLEAR if form.errors else None


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def desk_write(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Write one content; every saving is a version."""
    found = open_content(actor=actor_of(request), content_id=public_id, at=timezone.now())
    last = found.versions[0]
    named = _named(found.categories)
    if request.method != "POST":
        form = ContentForm(found.content.kind, named, initial=written(last, found.chosen))
        return _writing(request, found, form)
    form = ContentForm(found.content.kind, named, request.POST)
    if form.is_valid():
        try:
            rewrite_content(
                actor=actor_of(request),
                content_id=public_id,
                draft=form.draft(),
                after=form.cleaned_data["after"] or 0,
                at=timezone.now(),
            )
        except Refusal as refusal:
            if refusal.code in ("content_changed", "in_the_trash"):
                form.add_error(None, f"{refusal.sentence(_lang())} {refusal.remedy(_lang())}")
            else:
                form.tell(refusal)
        else:
            messages.success(request, _("C’est enregistré. Rien ne change pour les lecteurs."))
            return redirect(
                "desk_preview" if "preview" in request.POST else "desk_write", public_id
            )
    return _writing(request, found, form)


def _writing(request: HttpRequest, found: OpenContent, form: ContentForm) -> HttpResponse:
    content = found.content
    told = {
        "form": form,
        "found": found,
        "kind": words.ONE[content.kind],
        "shown": shown(Line(content, found.versions[0])),
        "page": page_of(found.versions[0].body, content.language, timezone.localdate()),
        "stale": read_again(
            text_of(found.versions[0]), content.language, timezone.localdate(), _lang()
        ),
        "publish": PublishForm(
            initial={"live_from": content.live_from, "live_before": content.live_before}
        ),
        "address": AddressForm(initial={"address": content.slug}),
        "is_editor": actor_of(request).role == EDITOR,
        "address_now": words.address_of(found.town, content)
        if is_live(content, timezone.now())
        else "",
        "language": content.language,
    }
    return render(request, "soutien/town/write.html", told, status=_status(form))


@require_safe
@private_page
def desk_preview(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The last version, as it will be read."""
    found = open_content(actor=actor_of(request), content_id=public_id, at=timezone.now())
    version = found.versions[0]
    today = timezone.localdate()
    told = {
        "preview": True,
        "portal": found,
        "content": found.content,
        "version": version,
        "kind": words.ONE[found.content.kind],
        "page": page_of(version.body, found.content.language, today),
        "stale": read_again(text_of(version), found.content.language, today, _lang()),
        "today": today,
        "when": words.span(version.starts_at, version.ends_at) if version.starts_at else "",
        "sources": [line.strip() for line in version.sources.splitlines() if line.strip()],
        "categories": [one for one in _named(found.categories) if one[0] in found.chosen],
    }
    return render(request, "soutien/town/page.html", told)


@require_POST
@private_page
def desk_shown(request: HttpRequest) -> HttpResponse:
    """What is being written, as it will be read: for the preview beside the text."""
    list_contents(actor=actor_of(request), at=timezone.now())
    text = request.POST.get("body", "")[:BODY_LENGTH].replace("\0", "")
    above = "\n\n".join(request.POST.get(name, "")[:LONGEST_LINE] for name in ("title", "summary"))
    on, language = timezone.localdate(), _language(request)
    told = {
        "page": page_of(text, language, on),
        "stale": read_again(f"{above}\n\n{text}".replace("\0", ""), language, on, _lang()),
    }
    return render(request, "soutien/town/shown.html", told)


@require_POST
@private_page
def desk_publish(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Publish, withdraw, move, put in the trash or take out of it."""
    actor, now, act = actor_of(request), timezone.now(), request.POST.get("act", "")
    try:
        if act == "withdraw":
            withdraw_content(actor=actor, content_id=public_id, at=now)
            messages.success(request, _("La page n’est plus en ligne."))
        elif act == "trash":
            trash_content(actor=actor, content_id=public_id, at=now)
            messages.success(request, _("La page est à la corbeille."))
            return redirect("desk")
        elif act == "untrash":
            untrash_content(actor=actor, content_id=public_id, at=now)
            messages.success(request, _("La page est de retour, comme brouillon."))
        elif act == "move":
            move_content(
                actor=actor, content_id=public_id, address=request.POST.get("address", ""), at=now
            )
            messages.success(request, _("L’adresse est changée. L’ancienne y mène."))
        else:
            _publish(request, public_id)
    except Refusal as refusal:
        if refusal.code in ("not_allowed", "not_found"):
            raise
        messages.error(request, f"{refusal.sentence(_lang())} {refusal.remedy(_lang())}")
    return redirect("desk_write", public_id)


def _publish(request: HttpRequest, public_id: UUID) -> None:
    form = PublishForm(request.POST)
    number = _number(request.POST.get("number", ""))
    if not form.is_valid():
        messages.error(request, _("Indiquez un jour et une heure."))
        return
    now = timezone.now()
    publish_content(
        actor=actor_of(request),
        content_id=public_id,
        number=number,
        live_from=form.cleaned_data["live_from"],
        live_before=form.cleaned_data["live_before"],
        at=now,
    )
    later = form.cleaned_data["live_from"]
    if later is not None and later > now:
        messages.success(request, _("La page sera en ligne au moment choisi."))
    else:
        messages.success(request, _("La page est en ligne."))


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines of a difference: kept, added or taken away."""

    kind: str
    text: str


def difference(before: Version, after: Version) -> list[Piece]:
    """What changed from one version to another, paragraph by paragraph."""
    old, new = _paragraphs(before), _paragraphs(after)
    pieces: list[Piece] = []
    for how, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if how == "equal":
            pieces += [Piece("kept", text) for text in old[a:b]]
            continue
        pieces += [Piece("gone", text) for text in old[a:b]]
        pieces += [Piece("new", text) for text in new[c:d]]
    return pieces


def _paragraphs(version: Version) -> list[str]:
    lines = [version.title, version.summary, *version.body.splitlines()]
    where = (version.place_name, version.address_line, version.hours, version.phone)
    return [line for line in (*lines, *where) if line.strip()]


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def desk_versions(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Every version, what changed from one to the last, and the way back."""
    if request.method == "POST":
        number = _number(request.POST.get("number", ""))
        return_to_version(
            actor=actor_of(request), content_id=public_id, number=number, at=timezone.now()
        )
        messages.success(request, _("Cette version est de retour, comme dernière version."))
        return redirect("desk_write", public_id)
    found = open_content(actor=actor_of(request), content_id=public_id, at=timezone.now())
    by_number = {version.number: version for version in found.versions}
    number = _number(request.GET.get("depuis", "")) or found.versions[0].number - 1
    before = by_number.get(number)
    told = {
        "found": found,
        "content": found.content,
        "before": before,
        "last": found.versions[0],
        "pieces": difference(before, found.versions[0]) if before else [],
    }
    return render(request, "soutien/town/versions.html", told)


def _number(text: str) -> int:
    """The number of a version; anything else is that of none."""
    sensible = text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
    return int(text) if sensible else 0


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def desk_town(request: HttpRequest) -> HttpResponse:
    """How the portal presents itself."""
    town, categories = open_town(actor=actor_of(request), at=timezone.now())
    form = TownForm(request.POST or None, initial=arranged_now(town, categories))
    if request.method == "POST" and form.is_valid():
        arrange_town(actor=actor_of(request), arranged=form.arranged(), at=timezone.now())
        messages.success(request, _("Le portail est à jour."))
        return redirect("desk_town")
    told = {"form": form, "town": town}
    return render(request, "soutien/town/arrange.html", told, status=_status(form))
