"""How long an identity that came from elsewhere is kept for its browser."""

from __future__ import annotations

from datetime import timedelta

# Time to sign in elsewhere: finding a telephone, reading a code.
ANSWER_WITHIN = timedelta(minutes=15)
# Time to read a page and press its button.
DECIDE_WITHIN = timedelta(minutes=10)
