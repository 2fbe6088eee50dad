"""How often one may try to sign in. Wide enough for tired fingers, too narrow for a machine."""

from __future__ import annotations

from datetime import timedelta

from soutien.doors.web.limits import Limit

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)

# For one account, or one address nobody has; from one place, which many may share.
PASSWORDS = Limit("sign_in.account", 10, QUARTER)
PASSWORDS_FROM = Limit("sign_in.place", 100, QUARTER)
LINKS_TO = Limit("link.address", 5, HOUR)
LINKS_FROM = Limit("link.place", 60, HOUR)
# The address of a link that is opened in another browser than asked for it.
ELSEWHERE = Limit("link.elsewhere", 10, HOUR)
# Six digits: a machine that knows the password must not find them.
CODES = Limit("code.account", 8, QUARTER)
CODES_A_DAY = Limit("code.account.day", 60, DAY)
PASSKEYS_FROM = Limit("passkey.place", 100, QUARTER)
