"""The address of a calendar elsewhere."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from soutien.doors.outside_address import LONGEST, AddressRefused, checked_address


class FollowForm(forms.Form):
    """Where the psychologist's other calendar is read."""

    address = forms.CharField(
        label=_("Adresse de l’autre agenda"),
        help_text=_("Son adresse privée au format iCal. Elle commence par https:// ou webcal://."),
        max_length=LONGEST,
        error_messages={
            "required": _("Il manque l’adresse de l’autre agenda."),
            "max_length": _("Cette adresse est trop longue. Recopiez-la depuis l’autre agenda."),
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def clean_address(self) -> str:
        """The address as it will be asked."""
        try:
            return checked_address(
                self.cleaned_data["address"],
                local=settings.LOCAL_CALENDARS,
                hosts=settings.CALENDAR_HOSTS,
            )
        except AddressRefused as refused:
            if refused.code == "address_not_listed":
                raise forms.ValidationError(
                    _("Ici, seuls ces sites peuvent être suivis : %(hosts)s."),
                    params={"hosts": ", ".join(settings.CALENDAR_HOSTS)},
                ) from refused
            if refused.code == "address_not_https":
                raise forms.ValidationError(
                    _("Cette adresse doit commencer par https:// ou webcal://.")
                ) from refused
            raise forms.ValidationError(
                _("Cette adresse ne peut pas être lue. Recopiez-la depuis l’autre agenda.")
            ) from refused
