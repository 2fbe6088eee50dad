"""Our own line icons and drawings, as SVG shapes with presentation attributes only.

Icons live on a 24-unit square, each drawing in a view box of its own. They are decorative: the
words beside them carry the meaning.
"""

from __future__ import annotations

ICONS: dict[str, str] = {
    "arrow": '<path d="M5 12h13M13 6l6 6-6 6"/>',
    "back": '<path d="M19 12H6M11 6l-6 6 6 6"/>',
    "calendar": '<rect x="4" y="5.5" width="16" height="14.5" rx="2.5"/>'
    '<path d="M4 10h16M8.5 3v4M15.5 3v4"/>',
    "check": '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>',
    "document": '<path d="M7 3.5h7l4 4v13H7z"/><path d="M14 3.5v4h4M10 12h5M10 16h5"/>',
    "door": '<path d="M6 20.5V4h12v16.5M3.5 20.5h17"/><circle cx="14.5" cy="12.5" r=".8"/>',
    "download": '<path d="M12 4v11M7 10.5l5 5 5-5M5 20h14"/>',
    "euro": '<path d="M18 6.5a7 7 0 1 0 0 11M4 10.5h9M4 13.5h8"/>',
    "exit": '<path d="M10 4H5v16h5M13 8l4 4-4 4M9 12h8"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.5M12 7.6v.2"/>',
    "key": '<circle cx="8" cy="15" r="4.2"/><path d="M11 12l8.5-8.5M16 7l3 3M13.5 9.5l2 2"/>',
    "language": '<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c3 3 3 14 0 17'
    'M12 3.5c-3 3-3 14 0 17"/>',
    "people": '<circle cx="9" cy="8.5" r="3"/><path d="M3.5 19c0-4 2.5-6 5.5-6s5.5 2 5.5 6"/>'
    '<circle cx="16.5" cy="9.5" r="2.3"/><path d="M16.5 14c2.3 0 4 1.6 4 4.5"/>',
    "person": '<circle cx="12" cy="8" r="3.5"/><path d="M5.5 20c0-4.5 3-7 6.5-7s6.5 2.5 6.5 7"/>',
    "phone": '<path d="M6 3.5h3l1.5 4.5-2 1.5a11 11 0 0 0 6 6l1.5-2 4.5 1.5v3c0 1-.8 2-2 2'
    'C10.5 20 4 13.5 4 5.5c0-1.2 1-2 2-2z"/>',
    "place": '<path d="M12 21c4-4.5 6.5-7.8 6.500-11a6.5 6.5 0 0 0-13 0c0 3.2 2.5 6.5 6.5 11z"/>'
    '<circle cx="12" cy="10" r="2.3"/>',
    "print": '<path d="M7 9V3.5h10V9M7 17H4v-8h16v8h-3M7 14h10v6.5H7z"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6"/><path d="M15 15l5 5"/>',
    "step_free": '<circle cx="11" cy="4.5" r="1.3"/><path d="M11 8v6h4.5l2 4.5M11 10.5h4"/>'
    '<path d="M8.5 11.5a4.8 4.8 0 1 0 5.5 6.5"/>',
    "video": '<rect x="3.5" y="6.5" width="12" height="11" rx="2.5"/>'
    '<path d="M15.5 11l5-3v8l-5-3z"/>',
    "warning": '<path d="M12 4l9 15.5H3z"/><path d="M12 10v4.5M12 16.9v.2"/>',
}

# An armchair seen from the front, 64 wide, from y = 60 to y = 110.
_ARMCHAIR = (
    '<path d="M26 90V69c0-6 3-9 8-9h22c5 0 8 3 8 9v21z"/>'
    '<path d="M20 86c-4 0-6 3-5 7l3 11h54l3-11c1-4-1-7-5-7-3 0-4 2-4 4v4H24v-4c0-2-1-4-4-4z"/>'
    '<path d="M24 104v6M66 104v6"/>'
)
_CUP = '<path d="M0 0h11v5c0 3-2 5-5.5 5S0 8 0 5zM11 1.5h2c3 0 3 5-2.5 5"/>'

# The view box, then the shapes. "light" glows, "lit" is warm, the rest is the main colour.
DRAWINGS: dict[str, tuple[str, str]] = {
    # Two armchairs turned towards a small table with two cups; a window, the moon, a lamp.
    "room": (
        "0 -18 356 226",
        '<defs><radialGradient id="lamp-glow"><stop class="glow-in" offset="0"/>'
        '<stop class="glow-out" offset="1"/></radialGradient></defs>'
        '<circle class="light" cx="262" cy="72" r="90" fill="url(#lamp-glow)"/>'
        '<rect x="42" y="16" width="76" height="78" rx="2"/>'
        '<path d="M80 16v78M42 52h76M34 94h92"/>'
        '<path class="lit" d="M99 25a9 9 0 1 0 9 13 8 8 0 0 1-9-13z"/>'
        '<path class="lit" d="M248 44h28l12 32h-52zM262 76v49"/>'
        f'<g transform="translate(18 39) scale(1.45)">{_ARMCHAIR}</g>'
        f'<g transform="translate(172 39) scale(1.45)">{_ARMCHAIR}</g>'
        '<path d="M134 156h52M140 156l-6 42M180 156l6 42"/>'
        f'<g transform="translate(141 145)">{_CUP}</g>'
        f'<g transform="translate(166 145)">{_CUP}</g>'
        '<path class="lit" d="M147 140c-2-4 2-5 0-9M172 140c-2-4 2-5 0-9"/>'
        '<path d="M8 198.5h322"/>',
    ),
    "chair": (
        "8 55 74 60",
        f'{_ARMCHAIR}<path d="M10 110h70"/><path class="lit" d="M36 72h18"/>',
    ),
    "cups": (
        "16 26 130 82",
        '<path d="M30 58h38v18c0 11-7 18-19 18s-19-7-19-18z"/>'
        '<path d="M68 63h7c5 0 7 3 7 7s-3 9-14 9"/>'
        '<path d="M92 58h38v18c0 11-7 18-19 18s-19-7-19-18z"/>'
        '<path d="M130 63h5c5 0 7 3 7 7s-3 9-12 9"/>'
        '<path d="M18 104h126"/><path class="lit" d="M43 46c-4-6 4-9 0-16M55 46c-4-6 4-9 0-16'
        'M105 46c-4-6 4-9 0-16M117 46c-4-6 4-9 0-16"/>',
    ),
    "window": (
        "28 10 104 90",
        '<rect x="48" y="16" width="64" height="76" rx="2"/>'
        '<path d="M80 16v76M48 54h64M38 92h84"/>'
        '<path class="lit" d="M62 28a9 9 0 1 0 9 14 8 8 0 0 1-9-14z"/>',
    ),
}


def drawing_height(name: str, width: int) -> int:
    """The height of a drawing shown at a width, both in pixels."""
    _, _, across, down = map(float, DRAWINGS[name][0].split())
    return round(width * down / across)
