"""Whom to turn to: the reference to give to somebody who helps, and who runs this site."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.utils.translation import gettext as _

from soutien.doors.logs import reference

register = template.Library()


@register.simple_tag
def request_reference() -> str:
    """The reference of the request at hand: it stands in our log, and says nothing by itself."""
    return reference()


@register.simple_tag
def operator_detail(name: str) -> str:
    """What the law asks to say of whoever runs the site; that it is missing, when it is."""
    return str(settings.OPERATOR[name] or _("non renseigné par qui tient ce site"))
