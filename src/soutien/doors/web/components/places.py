"""The box where people say where they are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_PLACE = 120


class PlaceField(forms.CharField):
    """A town, a postcode or an address, as people type them."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Où êtes-vous ?"))
        options.setdefault("help_text", _("Une ville, un code postal ou une adresse."))
        options.setdefault("max_length", LONGEST_PLACE)
        options.setdefault(
            "widget",
            forms.TextInput(
                attrs={
                    "autocomplete": "postal-code",
                    "autocapitalize": "words",
                    "spellcheck": "false",
                    "enterkeyhint": "search",
                }
            ),
        )
        options.setdefault(
            "error_messages",
            {
                "required": _("Indiquez une ville ou un code postal."),
                "max_length": _("C’est un peu long : une ville ou un code postal suffit."),
            },
        )
        super().__init__(**options)
