"""The hidden key of a form that may be sent twice."""

from __future__ import annotations

from secrets import token_urlsafe

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from soutien.doors.web.sent_twice import FIELD

register = template.Library()


@register.simple_tag
def form_key() -> SafeString:
    """A new key each time the form is shown (doors/web/sent_twice.py)."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, token_urlsafe(16))
