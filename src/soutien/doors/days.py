"""Days, moments, distances and spans in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from soutien.doors.once import once_a_language

PARIS = "Europe/Paris"
METRES_IN_KM = 1000
NEAR_KM = 10
DIGITS_OF_A_PHONE = 10
# After about two months, days are no longer what people count in.
DAYS_COUNTED = 60

SHORT_FR_DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
SHORT_FR_MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin",
    "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip


def in_french() -> bool:
    return (get_language() or "fr").startswith("fr")


def _ordinal(number: int) -> str:
    """French says « 1er » for the first day of a month only."""
    return "1er" if number == 1 and in_french() else str(number)


def full_day(day: date, *, year: bool = True) -> str:
    """« mardi 24 novembre 2026 » or “Tuesday 24 November 2026”."""
    words = f"{WEEKDAYS[day.weekday()]} {_ordinal(day.day)} {MONTHS[day.month]}"
    return f"{words} {day.year}" if year else words


def plain_day(day: date) -> str:
    """« 1er octobre 2026 » or “1 October 2026”."""
    return f"{_ordinal(day.day)} {MONTHS[day.month]} {day.year}"


@once_a_language
def short_day(day: date) -> str:
    """« mar. 24 nov. » or “Tue 24 Nov”."""
    if in_french():
        return (
            f"{SHORT_FR_DAYS[day.weekday()]} {_ordinal(day.day)} {SHORT_FR_MONTHS[day.month - 1]}"
        )
    return f"{str(WEEKDAYS[day.weekday()])[:3]} {day.day} {str(MONTHS[day.month])[:3]}"


def local(moment: datetime, time_zone: str) -> datetime:
    """The moment on the wall clock of the place of care."""
    return moment.astimezone(ZoneInfo(time_zone))


def clock(moment: datetime, time_zone: str = "Europe/Paris") -> str:
    """« 14:30 » on the wall clock of the place of care."""
    return local(moment, time_zone).strftime("%H:%M")


def phone(number: str) -> str:
    """« 04 65 71 00 00 »: a French number by pairs; any other as it is."""
    digits = number.replace(" ", "")
    if len(digits) == DIGITS_OF_A_PHONE and digits.isdecimal():
        return "\u00a0".join(digits[i : i + 2] for i in range(0, DIGITS_OF_A_PHONE, 2))
    return number


def distance(metres: float) -> str:
    """« 800 m », « 1,6 km », « 24 km »."""
    if metres < METRES_IN_KM:
        rounded = max(100, round(metres / 100) * 100)
        if rounded < METRES_IN_KM:
            return f"{rounded} m"
    km = metres / METRES_IN_KM
    if km >= NEAR_KM:
        return f"{round(km)} km"
    text = f"{km:.1f}".removesuffix(".0")
    return (text.replace(".", ",") if in_french() else text) + " km"


@once_a_language
def days_ago(day: date, today: date) -> str:
    """« aujourd’hui », « hier », « il y a 5 jours », « il y a 3 mois »."""
    days = (today - day).days
    if days <= 0:
        return _("aujourd’hui")
    if days == 1:
        return _("hier")
    if days <= DAYS_COUNTED:
        return ngettext("il y a %(n)s jour", "il y a %(n)s jours", days) % {"n": days}
    months = days // 30
    return ngettext("il y a %(n)s mois", "il y a %(n)s mois", months) % {"n": months}


def clock_of(moment: datetime, time_zone: str) -> str:
    """« heure de La Réunion » where the place's clock differs from Paris; else nothing."""
    here = moment.astimezone(ZoneInfo(time_zone)).utcoffset()
    if here == moment.astimezone(ZoneInfo(PARIS)).utcoffset():
        return ""
    names = {
        "America/Guadeloupe": _("heure de la Guadeloupe"),
        "America/Martinique": _("heure de la Martinique"),
        "America/Cayenne": _("heure de la Guyane"),
        "America/Miquelon": _("heure de Saint-Pierre-et-Miquelon"),
        "America/St_Barthelemy": _("heure de Saint-Barthélemy"),
        "America/Marigot": _("heure de Saint-Martin"),
        "Indian/Reunion": _("heure de La Réunion"),
        "Indian/Mayotte": _("heure de Mayotte"),
        "Pacific/Wallis": _("heure de Wallis-et-Futuna"),
        "Pacific/Tahiti": _("heure de Tahiti"),
        "Pacific/Noumea": _("heure de Nouméa"),
    }
    return names.get(time_zone, _("heure du lieu"))


@dataclass(frozen=True, slots=True)
class When:
    """A moment in words: « mardi 24 novembre 2026 », « 14:30 », « heure de La Réunion »."""

    day: str
    short_day: str
    clock: str
    zone: str

    @property
    def sentence(self) -> str:
        """« mardi 24 novembre 2026 à 14:30 », with the zone where it matters."""
        text = _("%(day)s à %(clock)s") % {"day": self.day, "clock": self.clock}
        return f"{text} ({self.zone})" if self.zone else text


def when(moment: datetime, time_zone: str) -> When:
    """A moment on the wall clock of a place."""
    day: date = local(moment, time_zone).date()
    return When(
        full_day(day),
        short_day(day),
        clock(moment, time_zone),
        clock_of(moment, time_zone),
    )
