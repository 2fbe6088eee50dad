"""What is sent must be small enough before a byte of it is read."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from soutien.doors.web.failures import failure

TOO_LARGE = 413


class BodyLimit:
    """Refuses a body by its announced length: nobody waits for what will not be taken."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told = request.META.get("CONTENT_LENGTH") or "0"
        files = request.META.get("CONTENT_TYPE", "").startswith("multipart/form-data")
        most = settings.FILES_MOST_BYTES if files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if not told.isdecimal() or int(told) > most:
            answer = failure(request, TOO_LARGE)
            answer["Connection"] = "close"
            return answer
        return self.answer(request)
