"""How sessions are held, by the weekly openings."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Q

from soutien.registers.agenda.models import OpeningRule

# One question names this many psychologists at most; SQLite takes some 32,000.
AT_ONCE = 1000


def follow_ups_by_video_only(psychologist_ids: Collection[int], on: date) -> set[int]:
    """Those of these whose openings for follow-ups, from a day on, are all by video.

    Who has no opening for follow-ups is not among them: nothing is known of how they work.
    """
    ids = list(psychologist_ids)
    ways: dict[int, set[str]] = {}
    for start in range(0, len(ids), AT_ONCE):
        rules = OpeningRule.objects.filter(
            Q(valid_before__isnull=True) | Q(valid_before__gt=on),
            psychologist__in=ids[start : start + AT_ONCE],
            accepts__in=("follow_up", "both"),
        )
        for key, modality in rules.values_list("psychologist_id", "modality").distinct():
            ways.setdefault(key, set()).add(modality)
    return {key for key, modalities in ways.items() if modalities == {"remote"}}
