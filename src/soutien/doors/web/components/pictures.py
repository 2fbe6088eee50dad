"""Small pictures beside easy sentences: our own drawings on a square of 64 units.

Calm, few lines, the same few figures again and again, so that they are learnt once. They help to
read the words and never stand without them: decorative for whoever listens to the page. What is
warm (class ``lit``) is what the picture is about.
"""

from __future__ import annotations

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe


def _path(line: str, *, lit: bool = False) -> str:
    return f'<path{_LIT if lit else ""} d="{line}"/>'


def _ring(x: float, y: float, radius: float, *, lit: bool = False) -> str:
    return f'<circle{_LIT if lit else ""} cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'


def _dots(*places: tuple[float, float]) -> str:
    """Short points, round because the ends of lines are."""
    return _path("".join(f"M{x:g} {y:g}v.1" for x, y in places))


def _person(x: float, floor: float, size: float, *, lit: bool = False) -> str:
    """Somebody seen from the front: a head, and shoulders down to the floor."""
    head, shoulder = size * 0.2, size * 0.3
    top = floor - size
    return _ring(x, top + head, head, lit=lit) + _path(
        f"M{x - shoulder:g} {floor:g}v{-size * 0.22:g}a{shoulder:g} {shoulder:g} 0 0 1 "
        f"{2 * shoulder:g} 0v{size * 0.22:g}z",
        lit=lit,
    )


def _face(mouth: str, brows: str = "") -> str:
    return _ring(32, 32, 22) + _dots((24, 28), (40, 28)) + _path(brows + mouth)


def _calendar(marks: str) -> str:
    return (
        '<rect x="12" y="15" width="40" height="38" rx="4"/>'
        + _path("M12 26h40M22 10v9M42 10v9")
        + _path(marks, lit=True)
    )


_LIT = ' class="lit"'
_LARGE, _SMALL = 46.0, 30.0
_SHEETS = _path("M18 22h-6v34h34v-6", lit=True) + (
    '<rect x="18" y="14" width="36" height="36" rx="4"/>' + _path("M18 25h36M28 9v9M44 9v9")
)
_MOON = "M40 12a17 17 0 1 0 14 25 14 14 0 0 1-14-25z"
_PILLS = '<rect x="7" y="30" width="30" height="15" rx="7.500"/>' + _path("M22 30v15")
_GLASS = _path("M12 22h18l-3 32H15z") + _path("M13.500 34h15", lit=True)
_BOTTLE = _path("M42 10h8v10c5 3 6 7 6 11v21c0 1-1 2-2 2H38c-1 0-2-1-2-2V31c0-4 1-8 6-11z")
_PLATE = _ring(32, 34, 13) + _path(
    "M8 14v12a4 4 0 0 0 8 0V14M12 30v24M12 14v8M54 54V14c-5 2-6 10-6 18h6"
)
_BABY = _ring(32, 24, 13) + _dots((27, 24), (37, 24)) + _path("M28 29c2 2.500 6 2.500 8 0")
_DESK_OF_TWO = _person(18, 56, 38) + _person(46, 56, 38)
_CROSS = "M32 4v12M26 10h12"
_TEAM = _person(11, 58, 30) + _person(53, 58, 30) + _person(32, 60, 38)
_HOUSE = _path("M8 32L32 10l24 22M14 27v28h36V27")

PICTURES: dict[str, str] = {
    # Whom it is about
    "adult": _person(32, 58, 50),
    "teenager": _person(32, 58, 44) + _path("M22 12c4-6 16-6 20 0h7", lit=True),
    "parent_and_child": _person(22, 58, _LARGE) + _person(47, 58, _SMALL, lit=True),
    "two_people": _person(17, 58, 36)
    + _person(47, 58, 36)
    + _path("M32 9c-3-6-10-1-5 4l5 5 5-5c5-5-2-10-5-4z", lit=True),
    "child": _person(32, 56, 36) + _ring(52, 52, 5, lit=True),
    # Danger
    "rain": _person(32, 60, 30)
    + _path("M18 22a8 8 0 0 1 2-15 11 11 0 0 1 21-1 8 8 0 0 1 5 16z")
    + _path("M16 28l-2 5M48 28l-2 5M12 38l-2 5M54 38l-2 5", lit=True),
    "plaster": '<g transform="rotate(-40 32 32)"><rect x="8" y="22" width="48" height="20" '
    'rx="10"/><path d="M23 22v20M41 22v20"/></g>' + _path("M32 26v12M26 32h12", lit=True),
    "night": _path(_MOON, lit=True) + _path("M12 14v6M9 17h6M20 46v6M17 49h6M14 32v.1"),
    "clash": _person(14, 58, 38) + _person(50, 58, 38) + _path("M34 8l-6 13h8l-6 14", lit=True),
    "voices": _path("M22 46c-7-6-10-12-10-19a14 14 0 0 1 28 0c0 8-8 9-8 17 0 9-11 11-14 3")
    + _path("M20 27a6 6 0 0 1 12 0c0 4-4 5-4 8")
    + _path("M46 18c4 6 4 14 0 20M53 13c6 9 6 21 0 30", lit=True),
    "whirl": _path("M16 58V46c-6-6-8-12-8-18a22 22 0 0 1 44 0l5 11h-6v8c0 3-2 5-6 5h-5v6")
    + _path("M30 28a3 3 0 0 1 3 3c0 4-9 4-9-3s12-9 15 0c2 9-10 15-18 8", lit=True),
    "baby": _BABY
    + _path("M32 11c-4-4 4-7 1-4", lit=True)
    + _path("M19 30c-9 6-9 26 13 28 22-2 22-22 13-28M18 44l28 8"),
    "fist": _person(42, 58, 44) + _path("M6 16l12 8-8 8 14 8", lit=True),
    "empty_plate": _PLATE + _path("M27 34h10", lit=True),
    "leaving": _path("M12 56V10h26v12M12 56h26V46M8 56h34")
    + _dots((32, 34))
    + _path("M36 34h20M49 27l7 7-7 7", lit=True),
    "tired_parent": _person(24, 58, 40)
    + _person(49, 58, 26)
    + _path("M10 12c4-5 8 5 12 0s8 5 12 0", lit=True),
    "letter": '<rect x="8" y="18" width="48" height="32" rx="3"/>'
    + _path("M8 21l24 18 24-18")
    + _path("M44 8c3 0 5 2 5 5", lit=True),
    # What is noticed
    "sad": _face("M24 44c4-6 12-6 16 0") + _path("M42 33c4 6 0 8-2 6-1-1 0-3 2-6z", lit=True),
    "worried": _face("M22 43c3-4 5 2 8-1s5 2 8-1 3 0 4 1", "M20 23l7-3M44 23l-7-3")
    + _path("M52 10c3-3 7 0 5 3l-2 3M54.500 20v.1", lit=True),
    "bed": _path("M6 26v30M6 48h52v8M58 48v-6c0-4-3-6-7-6H26v12")
    + _ring(16, 39, 6)
    + _path("M46 8a8 8 0 1 0 7 12 7 7 0 0 1-7-12z", lit=True),
    "plate": _PLATE + _path("M27 34c3-5 7-5 10 0", lit=True),
    "bottle": _GLASS + _BOTTLE,
    "broken_heart": _path("M32 54L12 34C2 22 18 6 32 20 46 6 62 22 52 34z")
    + _path("M32 20l-5 9 9 6-6 8 2 10", lit=True),
    "school": _path("M6 56h52M12 56V30h40v26M32 30V8M32 10h14l-4 4 4 4H32M28 56V44h8v12")
    + _path("M18 36h4v5h-4zM42 36h4v5h-4z", lit=True),
    "angry": _face("M24 44h16", "M19 20l9 5M45 20l-9 5")
    + _path("M56 8l-4 6M60 16l-6 2M8 8l4 6M4 16l6 2", lit=True),
    "belly": _person(32, 60, 52) + _path("M26 44l4 4-4 4M38 44l-4 4 4 4", lit=True),
    "alone": _person(12, 58, 34, lit=True) + _person(42, 58, 30) + _person(56, 58, 30),
    # How long
    "few_days": _calendar("M20 34v.1M28 34v.1M36 34v.1"),
    "few_weeks": _calendar("M19 33h26M19 40h26M19 47h14"),
    "months": _SHEETS + _path("M24 32h24M24 38h24M24 44h24", lit=True),
    # How heavy
    "small_load": _person(18, 58, 42) + _ring(48, 52, 6, lit=True) + _path("M27 46c6-2 12 0 16 3"),
    "large_load": _person(16, 58, 42) + _ring(46, 46, 12, lit=True) + _path("M25 46c3-3 6-3 9-2"),
    "huge_load": _person(12, 58, 38) + _ring(42, 38, 20, lit=True) + _path("M20 48l4-2"),
    # What else
    "team": _TEAM + _path(_CROSS, lit=True),
    "team_before": _TEAM + _path("M42 14a10 10 0 1 1-4-8M43 4v6h-6", lit=True),
    "paper": _path("M14 8h26l10 10v38H14zM40 8v10h10M22 40h20M22 47h20")
    + _path("M30 18v14M23 25h14", lit=True),
    "work_stopped": '<rect x="8" y="24" width="48" height="30" rx="4"/>'
    + _path("M24 24v-6c0-2 1-4 4-4h8c3 0 4 2 4 4v6")
    + _path("M27 32v14M37 32v14", lit=True),
    "pills": _PILLS
    + _ring(50, 38, 8)
    + _path("M44 38h12")
    + _path("M14 37h1", lit=True)
    + _path("M24 14h16M32 8v12", lit=True),
    "pills_for_long": _PILLS
    + '<rect x="38" y="12" width="18" height="16" rx="2"/>'
    + _path("M43 8v6M51 8v6M38 19h18")
    + _path("M44 34h14v18H46M48 40h5M48 46h5", lit=True),
    "round_and_round": _path("M25 24h14l-2.500 18h-9z")
    + _path("M50 16a24 24 0 1 0 6 16M51 6v11H40", lit=True),
    "scales": '<rect x="8" y="30" width="48" height="26" rx="5"/>'
    + _path("M22 40a14 14 0 0 1 20 0M32 47l4-8")
    + _path("M20 22V8M15 13l5-5 5 5M44 8v14M39 17l5 5 5-5", lit=True),
    "learning": _path(
        "M32 20c-6-6-16-6-24-4v34c8-2 18-2 24 4 6-6 16-6 24-4V16c-8-2-18-2-24 4zM32 20v34"
    )
    + _path("M40 30c0-6 9-5 8 0 0 3-4 3-4 7M44 42v.1", lit=True),
    "justice": _path("M32 8v46M20 54h24M12 18h40")
    + _path("M12 18L5 36h14zM52 18l-7 18h14z", lit=True),
    "shut_in": _HOUSE + _person(32, 55, 26, lit=True),
    "student": _path("M32 12L4 24l28 12 28-12zM16 30v14c8 8 24 8 32 0V30")
    + _path("M60 24v18M60 46v.1", lit=True),
    # What to do
    "phone": '<rect x="18" y="6" width="28" height="52" rx="5"/>'
    + _path("M29 51h6")
    + _path("M26 22c0 8 6 14 14 14M26 22l4-2 3 5-3 2M40 36l2-4-5-3-2 3", lit=True),
    "doctor": _person(32, 60, 50)
    + _path("M25 40v6a6 6 0 0 0 12 0v-6M37 52v.1", lit=True)
    + _path("M44 8h12M50 2v12", lit=True),
    "note": _path("M12 8h30v48H12zM20 20h14M20 28h14M20 36h8")
    + _path("M54 24L38 44l-3 8 7-4 16-20z", lit=True),
    "house": _HOUSE + _path("M27 55V40h10v15", lit=True),
    "place": _path("M26 50C14 36 8 30 8 23a18 18 0 0 1 36 0c0 7-6 13-18 27z")
    + _ring(26, 23, 6)
    + _path("M44 56a9 9 0 1 1 6-3l8 8", lit=True),
    "talk": _DESK_OF_TWO
    + _path(
        "M22 4h20c3 0 4 2 4 4v4c0 3-2 4-4 4h-8l-5 5v-5h-7c-3 0-4-2-4-4V8c0-2 1-4 4-4z", lit=True
    ),
    "clock": _ring(32, 32, 23) + _path("M32 18v14l10 6", lit=True),
    "lock": '<rect x="14" y="28" width="36" height="28" rx="4"/>'
    + _path("M22 28v-8a10 10 0 0 1 20 0v8")
    + _path("M32 38v8", lit=True),
    "coins": _ring(24, 38, 16)
    + _path("M38 16a16 16 0 0 1 8 30")
    + _path("M30 31a8.500 8.500 0 1 0 0 14M15 36h10M15 40h10", lit=True),
}


def picture_shapes(name: str) -> SafeString:
    """The shapes of one picture, to stand inside an ``svg`` of 64 by 64 units."""
    return mark_safe(PICTURES[name])


def sheet_of(names: list[str]) -> SafeString:
    """Every picture of a page, drawn once; ``picture`` then points to it by its name."""
    symbols = format_html_join(
        "",
        '<symbol id="picture-{}" viewBox="0 0 64 64">{}</symbol>',
        ((name, picture_shapes(name)) for name in dict.fromkeys(names)),
    )
    return format_html(
        '<svg class="picture-sheet" width="0" height="0" aria-hidden="true">{}</svg>', symbols
    )
