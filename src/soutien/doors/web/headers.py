"""What every answer says to the browser beside its page: who may keep it, frame it, use what.

A page is kept by nobody unless the table of addresses says that it is the same for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from soutien.doors.web.access import ACCESS, Door

OK = 200
# A search may ask where one is; a passkey asks the device. Nothing else is ever needed. A feature
# that browsers do not know is said in their console on every page: it is not named here.
ALLOWED = {"geolocation", "publickey-credentials-get", "publickey-credentials-create"}
FEATURES = (
    *("accelerometer", "autoplay", "browsing-topics", "camera"),
    *("clipboard-read", "display-capture", "encrypted-media", "fullscreen", "geolocation"),
    *("gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer"),
    *("microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-create"),
    *("publickey-credentials-get", "screen-wake-lock", "serial", "usb"),
    "xr-spatial-tracking",
)
PERMISSIONS = ", ".join(f"{name}=({'self' if name in ALLOWED else ''})" for name in FEATURES)
ALWAYS: Mapping[str, str] = {
    "Permissions-Policy": PERMISSIONS,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
}
KEPT_BY_NOBODY = "no-store, private"
# The same for everybody until the next release: short, so that a release is seen.
SAME_FOR_ALL = "public, max-age=300"
ASKED_AGAIN = "no-cache, private"
# Anonymous pages that say the same words to everybody.
WORDS = frozenset(
    {
        *("understand", "help", "legal", "privacy", "accessibility", "terms_of_use", "cookies"),
        *("robots", "security_txt"),
    }
)


class Headers:
    """Adds them to every answer, an error's too; what a view said itself is kept."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        for name, value in ALWAYS.items():
            # Only what is made for the frames of other sites says so; see docs/block.md.
            framed = getattr(response, "xframe_options_exempt", False)
            if name != "X-Frame-Options" or not framed:
                response.headers.setdefault(name, value)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", kept_by(request, response))
        return response


def kept_by(request: HttpRequest, response: HttpResponse) -> str:
    """Who may keep an answer, as Cache-Control says it."""
    route = request.resolver_match.url_name if request.resolver_match else None
    access = ACCESS.get(route or "")
    signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
    if access is None or access.door is not Door.PUBLIC or access.posts or signed_in:
        return KEPT_BY_NOBODY
    if response.status_code != OK or request.method not in {"GET", "HEAD"}:
        return KEPT_BY_NOBODY
    if route in WORDS and not response.cookies and not request.COOKIES:
        return SAME_FOR_ALL
    return ASKED_AGAIN
