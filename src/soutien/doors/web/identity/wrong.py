"""Why an answer from a provider is not believed."""

from __future__ import annotations


class WrongAnswer(Exception):
    """An answer that is refused. ``code`` is for the trace and the tests, never a secret.

    ``silent`` says that the provider could not be asked at all: it may be well a minute later.
    """

    def __init__(self, code: str, *, silent: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.silent = silent
