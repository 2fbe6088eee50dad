"""What a page says when something went wrong: the reference to give to somebody who helps."""

from __future__ import annotations

from django import template

from soutien.doors.logs import reference

register = template.Library()


@register.simple_tag
def request_reference() -> str:
    """The reference of the request at hand: it stands in our log, and says nothing by itself."""
    return reference()
