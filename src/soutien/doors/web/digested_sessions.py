"""Django's sessions in the database, under the digest of their key.

Who reads the table, or a copy of it, finds nothing to put into a cookie.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as PlainStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

# The column's width; 160 bits are not guessed.
KEPT = 40


def kept_key(session_key: str) -> str:
    """What the table holds of a key."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:KEPT]


class SessionStore(PlainStore):
    """The same, but for the name under which a session is kept."""

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        if not self.session_key:
            return None
        found = self.model.objects.filter(
            session_key=kept_key(self.session_key), expire_date__gt=timezone.now()
        ).first()
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        return bool(self.model.objects.filter(session_key=kept_key(session_key)).exists())

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        instance = super().create_model_instance(data)
        instance.session_key = kept_key(instance.session_key)
        return instance

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self.model.objects.filter(session_key=kept_key(key)).delete()
