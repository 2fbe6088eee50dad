"""A town's own colour, made dark or light enough to be read, as a small sheet of style."""

from __future__ import annotations

# The surfaces that are hardest to read on: the tint of a box, in light and in dark.
PAPER, PAPER_DARK = "#E6F0EE", "#22302F"
# WCAG 2.2 asks 4.5 for text.
ENOUGH = 4.6
_STEP = 0.04
_KNEE = 0.04045


def sheet(colour: str) -> str:
    """Style that puts a colour in place of ours, for light and dark screens; empty without one."""
    if not colour:
        return ""
    light = readable(colour, PAPER, towards=0.0)
    dark = readable(colour, PAPER_DARK, towards=1.0)
    return (
        f":root{{--main:{light};--pressed:{_mixed(light, 0.0, 0.25)};--on-main:#FFFFFF}}\n"
        "@media (prefers-color-scheme:dark){"
        f":root{{--main:{dark};--pressed:{_mixed(dark, 1.0, 0.3)};--on-main:#0E1B1C}}}}\n"
    )


def block_sheet(colour: str, paper: str) -> str:
    """Style of the block: a host's colour on a host's paper, each read on the other."""
    dark_ink = contrast("#000000", paper) >= contrast("#FFFFFF", paper)
    ink, towards = ("#000000", 0.0) if dark_ink else ("#FFFFFF", 1.0)
    main = readable(colour, paper, towards=towards)
    return f":root{{--block-paper:{paper};--block-ink:{ink};--block-main:{main}}}\n"


def readable(colour: str, paper: str, *, towards: float) -> str:
    """The colour, mixed with black (0) or white (1) until it is read on the paper."""
    share, found = 0.0, colour
    while contrast(found, paper) < ENOUGH and share < 1:
        share += _STEP
        found = _mixed(colour, towards, share)
    return found


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG counts it: from 1 to 21."""
    bright, dull = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dull + 0.05)


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _mixed(colour: str, towards: float, share: float) -> str:
    mixed = (part * (1 - share) + towards * share for part in _parts(colour))
    return "#" + "".join(f"{round(255 * part):02x}" for part in mixed)


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= _KNEE else ((part + 0.055) / 1.055) ** 2.4
        for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
