"""A form field with its label, hint and error; those that hardly change are drawn once."""

from __future__ import annotations

from django.forms import BooleanField, BoundField, ChoiceField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

# Four times what the search has, in two languages.
MOST_KEPT = 512
_kept: dict[tuple[object, ...], SafeString] = {}


def field_html(field: BoundField, *, optional: bool, classes: str, kept: bool) -> SafeString:
    """The field as it stands in a page, joined to its hint and error by aria-describedby.

    ``kept`` is for a field that every reader is offered in the same way: the same choice, or no
    answer at all, is then drawn once for each language. What people type is never kept.
    """
    answer = field.value()
    typed = not isinstance(field.field, ChoiceField | BooleanField)
    if not kept or field.errors or (typed and answer):
        return _drawn(field, optional, classes)
    told = tuple(sorted(set(answer))) if isinstance(answer, list | tuple) else answer
    key = (get_language(), type(field.form), field.html_name, told, optional, classes)
    html = _kept.get(key)
    if html is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        html = _kept[key] = _drawn(field, optional, classes)
    return html


def _drawn(field: BoundField, optional: bool, classes: str) -> SafeString:
    widget = field.field.widget
    return render_to_string(
        "soutien/parts/field.html",
        {
            "field": field,
            "group": bool(widget.use_fieldset),
            "single_box": getattr(widget, "input_type", "") == "checkbox"
            and not widget.use_fieldset,
            "optional": optional,
            "classes": classes,
        },
    )
