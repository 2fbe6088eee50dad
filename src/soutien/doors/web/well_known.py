"""What machines ask every site: whom to tell of a weakness, and what not to read."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.http import require_safe

TEXT = "text/plain; charset=utf-8"
# Said anew every day, and never further ahead than a year (RFC 9116).
HOLDS_FOR = timedelta(days=180)
# Not for search engines: what is one's own, what begins something, what costs to make.
NOT_READ = (
    *("/compte/", "/connexion/", "/mot-de-passe", "/securite", "/agir-pour", "/identite"),
    *("/mon-annee", "/mes-", "/cabinet", "/caisse", "/feuilles/", "/documents/"),
    *("/reserver/", "/rendez-vous/", "/attendre", "/attente/", "/offre/", "/rappel/", "/demande/"),
    *("/trouver?", "/redaction", "/dev/"),
)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a weakness, as RFC 9116 writes it; 404 until the operator said whom."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    contact = settings.SECURITY_CONTACT
    if "://" not in contact:
        contact = f"mailto:{contact}"
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires(timezone.now()):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: fr, en",
        f"Canonical: {settings.ADDRESS}/.well-known/security.txt",
    ]
    if settings.SECURITY_POLICY:
        lines.append(f"Policy: {settings.SECURITY_POLICY}")
    return HttpResponse("".join(f"{line}\n" for line in lines), TEXT)


def expires(at: datetime) -> datetime:
    """Midnight half a year ahead: whoever keeps the file knows when to ask again."""
    day = at.astimezone(UTC).date() + HOLDS_FOR
    return datetime.combine(day, time(), UTC)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may read: the pages that are the same for everybody."""
    with override("fr"):
        home = reverse("home")
    lines = ["User-agent: *", f"Allow: {home}"]
    lines += [f"Disallow: {before}{path}" for path in NOT_READ for before in ("", "/en")]
    lines.append(f"Sitemap: {settings.ADDRESS}/sitemap.xml")
    return HttpResponse("".join(f"{line}\n" for line in lines), TEXT)
