"""How often something was tried of late, counted for all processes together."""

from __future__ import annotations

from django.db import models


class Window(models.Model):
    """Tries of one kind by one somebody in one stretch of time.

    ``key`` is a keyed digest: neither an address nor an account can be read from it.
    """

    name = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="limits_window_ends")]
        constraints = [
            models.UniqueConstraint(fields=["name", "key", "began_at"], name="limits_window_once"),
            models.CheckConstraint(
                name="limits_window_in_order",
                condition=models.Q(ends_at__gt=models.F("began_at"), tries__gte=0),
            ),
        ]
