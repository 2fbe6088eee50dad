"""A browser in words, so that its owner knows which it is. No address, no place, no version."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

# What a browser says of itself, the most telling first: many claim to be several.
_BROWSERS = (
    ("Edg", "edge"),
    ("OPR/", "opera"),
    ("SamsungBrowser", "samsung"),
    ("Firefox", "firefox"),
    ("FxiOS", "firefox"),
    ("CriOS", "chrome"),
    ("Chrome", "chrome"),
    ("Safari", "safari"),
)
_SYSTEMS = (
    ("iPhone", "iphone"),
    ("iPad", "ipad"),
    ("Android", "android"),
    ("Windows", "windows"),
    ("Mac OS X", "mac"),
    ("CrOS", "chromeos"),
    ("Linux", "linux"),
)
_NAMES = {
    "edge": "Edge",
    "opera": "Opera",
    "samsung": "Samsung Internet",
    "firefox": "Firefox",
    "chrome": "Chrome",
    "safari": "Safari",
    "iphone": "iPhone",
    "ipad": "iPad",
    "android": "Android",
    "windows": "Windows",
    "mac": "Mac",
    "chromeos": "ChromeOS",
    "linux": "Linux",
}


def device_of(request: HttpRequest) -> str:
    """The browser that asks, in codes: ``firefox/windows``; empty parts for what is not known."""
    said = request.headers.get("User-Agent", "")
    browser = next((code for mark, code in _BROWSERS if mark in said), "")
    system = next((code for mark, code in _SYSTEMS if mark in said), "")
    return f"{browser}/{system}"


def in_words(device: str) -> str:
    """« Firefox, Windows »; says so when nothing is known."""
    names = [_NAMES[code] for code in device.split("/") if code in _NAMES]
    return ", ".join(names) or _("Un navigateur que nous ne reconnaissons pas")
