"""What a password must be, in sentences that help. Length counts, and no sort of character."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SHORTEST = 12
# Longer than anybody types, shorter than what would keep a process busy.
LONGEST = 256


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
    """Not among those that everybody tries first."""

    def validate(self, password: str, user: Any = None) -> None:
        try:
            super().validate(password, user)
        except ValidationError:
            raise ValidationError(
                _("Ce mot de passe est trop connu : d’autres l’essaieraient. Changez-le."),
                code="password_too_common",
            ) from None


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
