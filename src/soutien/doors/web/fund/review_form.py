"""What somebody who reads a refusal to be confirmed may say of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from soutien.doors.web.own_data.words import SAID
from soutien.rules.codes import word


class FirstInFocus(forms.RadioSelect):
    """Choices of which the first may be where the keyboard begins."""

    begins = False

    def create_option(self, *told: Any, **words: Any) -> dict[str, Any]:
        """A choice as its template shows it; the first asks for the keyboard."""
        option = super().create_option(*told, **words)
        if self.begins and option["index"] == "0":
            option["attrs"]["autofocus"] = True
        return option


class ReviewForm(forms.Form):
    """One answer with its reason; none is chosen beforehand."""

    ground = forms.ChoiceField(
        label=_("Ce refus est-il juste ?"),
        widget=FirstInFocus,
        choices=[(word(ground), said) for ground, said in SAID.items()],
        error_messages={
            "required": _("Choisissez une réponse."),
            "invalid_choice": _("Choisissez une réponse."),
        },
    )

    def begin_here(self) -> None:
        """The page begins with this question: one claim after the other, hands on the keys."""
        first = self.fields["ground"].widget
        assert isinstance(first, FirstInFocus)
        first.begins = True
