"""Makes, lists and revokes keys with which a program acts for an account.

soutien token make EMAIL --name NAME --for read,book,claim [--days 90]   its text is printed once
soutien token list EMAIL                                                 the keys that hold
soutien token revoke ID                                                  it opens nothing any more

A key never opens more than its account does, and nothing once it is closed: docs/api.md.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta
from uuid import UUID

DONE, FAILED = 0, 1
USUAL_DAYS = 90


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``soutien token`` understands."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    made = acts.add_parser("make", help="make a key; its text is printed once")
    made.add_argument("email", metavar="EMAIL", help="the address of the account")
    made.add_argument("--name", required=True, help="which program it is for")
    made.add_argument(
        "--for", dest="scopes", default="read", help="read, book, claim: with commas"
    )
    made.add_argument("--days", type=int, default=USUAL_DAYS, help="how long it holds")
    listed = acts.add_parser("list", help="the keys of an account that hold")
    listed.add_argument("email", metavar="EMAIL", help="the address of the account")
    ended = acts.add_parser("revoke", help="end a key at once")
    ended.add_argument("id", type=UUID, metavar="ID", help="as list prints it")


def run(args: argparse.Namespace) -> int:
    """Does what was asked. 1 when it was refused, with the reason."""
    from soutien.doors.cli.framework import start

    start()
    from soutien.steps.errors import Refusal

    acts = {"make": _make, "list": _list, "revoke": _revoke}
    try:
        acts[args.act](args, datetime.now(UTC))
    except Refusal as refusal:
        print(
            f"soutien token: {refusal.sentence('en')} {refusal.remedy('en')}"
            f" ({refusal.reference})",
            file=sys.stderr,
        )
        return FAILED
    return DONE


def _make(args: argparse.Namespace, at: datetime) -> None:
    from soutien.steps.actor import SYSTEM
    from soutien.steps.entrust import make_api_key

    row, text = make_api_key(
        actor=SYSTEM,
        account_id=_account_id(args.email),
        name=args.name,
        scopes=[word.strip() for word in args.scopes.split(",") if word.strip()],
        valid_before=at + timedelta(days=min(max(args.days, -1), 10_000)),
        at=at,
    )
    print(text)
    print(f"{row.public_id}  until {row.valid_before:%Y-%m-%d}  {row.scopes}", file=sys.stderr)


def _list(args: argparse.Namespace, at: datetime) -> None:
    from soutien.registers.api_keys import queries as api_keys

    for row in api_keys.of_account(_account_id(args.email), at=at):
        used = row.last_used_on.isoformat() if row.last_used_on else "never"
        print(
            f"{row.public_id}  until {row.valid_before:%Y-%m-%d}  used {used}  {row.scopes}  "
            f"{row.name}"
        )


def _revoke(args: argparse.Namespace, at: datetime) -> None:
    from soutien.steps.actor import SYSTEM
    from soutien.steps.entrust import revoke_api_key

    row = revoke_api_key(actor=SYSTEM, key_id=args.id, at=at)
    print(f"{row.public_id} opens nothing any more.")


def _account_id(email: str) -> int:
    from soutien.registers.accounts import queries as accounts
    from soutien.steps.errors import Refusal

    account = accounts.by_email(email)
    if account is None:
        raise Refusal("not_found")
    return account.pk
