"""The sign-in form, in our words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """An e-mail address and a password. A refusal never says which of the two is wrong."""

    error_messages = {
        "invalid_login": _(
            "Cette adresse et ce mot de passe ne vont pas ensemble. Relisez-les, en faisant "
            "attention aux majuscules du mot de passe."
        ),
        "inactive": _("Ce compte est fermé."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"] = forms.EmailField(
            label=_("Adresse de courriel"),
            error_messages={
                "required": _("Il manque votre adresse de courriel."),
                "invalid": _("Cette adresse n’est pas complète. Par exemple : nom@exemple.fr"),
            },
            widget=forms.EmailInput(
                attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
            ),
        )
        self.fields["password"] = forms.CharField(
            label=_("Mot de passe"),
            strip=False,
            error_messages={"required": _("Il manque votre mot de passe.")},
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        )

    def clean_username(self) -> str:
        """Addresses are kept in small letters."""
        return str(self.cleaned_data["username"]).strip().lower()
