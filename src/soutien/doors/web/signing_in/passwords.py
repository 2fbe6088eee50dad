"""What a password must be, in sentences that help. Length counts, and no sort of character."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from soutien.doors.web.signing_in.known_passwords import is_known

SHORTEST = 12
# Longer than anybody types, shorter than what would keep a process busy.
LONGEST = 256
# What people add to a word they know: a day of birth, a year and a sign. What is left beside one.
ADDED_MOST, LEFT_MOST = 8, 4
YEAR_AT_THE_END = re.compile(r"[\W_]*(?:19|20)\d\d[\W_]*$")
# What comes to mind on this site: words of the programme and of those who run it.
WORDS_OF_THE_SITE = (
    *("monsoutienpsy", "soutienpsy", "soutien", "psychologue", "psychologie", "psychotherapie"),
    *("therapie", "psy", "santementale", "sante", "seance", "rendezvous", "cabinet", "ameli"),
    *("assurancemaladie", "securitesociale", "carevitale", "cpam", "caisse", "mutuelle", "mairie"),
    *("franceconnect", "proconnect", "administrateur", "administration", "admin"),
)


class LongEnough(MinimumLengthValidator):
    """Twelve characters: four short words do."""

    def __init__(self) -> None:
        super().__init__(min_length=SHORTEST)

    def validate(self, password: str, user: Any = None) -> None:
        try:
            super().validate(password, user)
        except ValidationError:
            raise ValidationError(
                _("Ce mot de passe est un peu court : prenez au moins %(least)s caractères.")
                % {"least": SHORTEST},
                code="password_too_short",
            ) from None


class NotCommon(CommonPasswordValidator):
    """Not among those that everybody tries first, nor one of them with a year, twice, or both.

    Nor words of this site with little else. Short ones are Django's list, long ones ours.
    """

    def validate(self, password: str, user: Any = None) -> None:
        try:
            for one in {password, *in_disguise(password)}:
                super().validate(one, user)
                if is_known(one):
                    raise ValidationError("", code="password_too_common")
        except ValidationError:
            raise ValidationError(
                _("Ce mot de passe est trop connu : d’autres l’essaieraient. Changez-le."),
                code="password_too_common",
            ) from None


def in_disguise(password: str) -> set[str]:
    """The well-known words that a password is made of, when it is made of little else.

    ``Azerty2026!`` is ``azerty``, ``bonjourbonjour`` is ``bonjour``; words of this site with a
    year, or a few characters again and again, are as good as ``password``.
    """
    plain = unicodedata.normalize("NFKD", password.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    found = {core} if len(plain) - len(core) <= ADDED_MOST else set()
    found.add(YEAR_AT_THE_END.sub("", plain))
    again = re.fullmatch(r"(.+?)\1+", core or plain)
    if again:
        found.add(again[1] if len(again[1]) > LEFT_MOST else "password")
    letters = re.sub(r"[\W\d_]", "", plain)
    left = letters
    for word in sorted(WORDS_OF_THE_SITE, key=len, reverse=True):
        left = left.replace(word, "")
    if len(left) <= LEFT_MOST < len(letters) and len(plain) - len(letters) <= ADDED_MOST:
        found.add("password")
    return found


class NotOnesOwnName(UserAttributeSimilarityValidator):
    """Not one's own name or address."""

    def __init__(self) -> None:
        super().__init__(user_attributes=("email", "display_name"))

    def validate(self, password: str, user: Any = None) -> None:
        try:
            super().validate(password, user)
        except ValidationError:
            raise ValidationError(
                _("Ce mot de passe ressemble trop à votre nom ou à votre adresse."),
                code="password_too_similar",
            ) from None
