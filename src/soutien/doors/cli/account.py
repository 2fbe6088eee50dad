"""Opens, lists and closes accounts, and ties people: who acts for a child, who stands in.

soutien account add EMAIL --role ROLE   open one; a link to choose a password is sent to it
soutien account list                    addresses, roles, open or closed
soutien account close|reopen EMAIL      shut it everywhere at once, or open it again
soutien account role EMAIL --role ROLE  another role
soutien account recover EMAIL --by ADMIN --proof TEXT  every second factor is lost: vouch for it
soutien account ward PARENT CHILD       the parent's account acts for the child's file
soutien account unward PARENT CHILD     a decision ends it
soutien account replace AWAY BY         a psychologist does another's daily work on some days

No password is typed or printed. See docs/permissions.md for what each role may do.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from getpass import getpass
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from soutien.steps.enrol import Tie

DONE, FAILED = 0, 1
PARIS = ZoneInfo("Europe/Paris")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``soutien account`` understands."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    added = acts.add_parser("add", help="open an account")
    added.add_argument("email", metavar="EMAIL")
    added.add_argument("--name", default="", help="how the account is shown")
    added.add_argument(
        "--silent", action="store_true", help="send no link: its owner asks for one"
    )
    changed = acts.add_parser("role", help="give another role")
    changed.add_argument("email", metavar="EMAIL")
    for one in (added, changed):
        one.add_argument("--role", required=True, help="as docs/permissions.md names it")
        one.add_argument("--rpps", default="", help="the psychologist's number")
        one.add_argument("--fund", default="", metavar="CODE", help="the fund's nine digits")
        one.add_argument("--insurer", default="", metavar="CODE", help="the insurer's number")
        one.add_argument("--town", default="", metavar="CODE", help="the town's INSEE code")
        one.add_argument("--person", type=UUID, metavar="ID", help="the public id of their file")
    listed = acts.add_parser("list", help="addresses, roles, open or closed")
    listed.add_argument("--role", default="", help="only this role")
    listed.add_argument("--email", default="", help="only this address, whole")
    for name, told in (("close", "shut it everywhere at once"), ("reopen", "open it again")):
        acts.add_parser(name, help=told).add_argument("email", metavar="EMAIL")
    lost = acts.add_parser("recover", help="vouch for who lost every second factor")
    lost.add_argument("email", metavar="EMAIL")
    lost.add_argument("--by", required=True, metavar="ADMIN", help="your own address")
    lost.add_argument("--proof", required=True, help="the paper seen, its date or number")
    _add_ties(acts)


def _add_ties(acts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    ward = acts.add_parser("ward", help="let an account act for a child")
    ended = acts.add_parser("unward", help="end it, by a decision")
    for one in (ward, ended):
        one.add_argument("email", metavar="PARENT", help="the address of the account")
        one.add_argument("child", metavar="CHILD", type=UUID, help="the child's public id")
        one.add_argument("--proof", required=True, help="the paper seen, its date or number")
    ward.add_argument(
        "--kind",
        default="parent",
        help="parent, sole_authority, tutor, judge; of adults adult_tutor, adult_curator",
    )
    ward.add_argument("--until", type=_day, metavar="DAY", help="the last day a judge gave")
    ward.add_argument("--since", type=_day, metavar="DAY", help="the first day (today)")
    ended.add_argument(
        "--why", default="judgment", help="judgment, emancipation, given_up or mistake"
    )
    ended.add_argument("--on", type=_day, metavar="DAY", help="the first day without it (today)")
    away = acts.add_parser("replace", help="let a psychologist stand in for another")
    away.add_argument("away", metavar="AWAY", help="RPPS of the psychologist replaced")
    away.add_argument("by", metavar="BY", help="RPPS of the one who stands in")
    away.add_argument("--first", type=_day, required=True, metavar="DAY", help="the first day")
    away.add_argument("--last", type=_day, required=True, metavar="DAY", help="the last day")


def run(args: argparse.Namespace) -> int:
    """Does what was asked. 1 when it was refused, with the reason."""
    from soutien.doors.cli.framework import start

    start()
    from soutien.steps.errors import Refusal

    acts: dict[str, Callable[[argparse.Namespace, datetime], None]] = {
        "add": _add,
        "list": _list,
        "close": _close,
        "reopen": _reopen,
        "role": _role,
        "recover": _recover,
        "ward": _ward,
        "unward": _unward,
        "replace": _replace,
    }
    try:
        acts[args.act](args, datetime.now(UTC))
    except Refusal as refusal:
        print(f"{refusal.sentence('en')} {refusal.remedy('en')}", file=sys.stderr)
        return FAILED
    return DONE


def _add(args: argparse.Namespace, at: datetime) -> None:
    from soutien.registers.accounts.models import LinkKind
    from soutien.steps.actor import ANONYMOUS, SYSTEM
    from soutien.steps.enrol import add_account
    from soutien.steps.enter import ask_for_link

    account = add_account(
        actor=SYSTEM, email=args.email, role=args.role, name=args.name, tie=_tie(args), at=at
    )
    if not args.silent:
        # As if its owner had asked: what leaves is a mail, and nothing is printed here.
        ask_for_link(
            actor=ANONYMOUS,
            email=account.email,
            kind=LinkKind.PASSWORD,
            language="fr",
            at=at,
        )
    sent = "Its owner asks for a link at /mot-de-passe." if args.silent else "A link is sent."
    print(f"{account.email} is open as {account.role}. {sent}")


def _list(args: argparse.Namespace, at: datetime) -> None:
    from soutien.steps.actor import SYSTEM
    from soutien.steps.enrol import list_accounts

    for account in list_accounts(actor=SYSTEM, role=args.role, email=args.email, at=at):
        state = "open" if account.is_active else "closed"
        code = account.fund_code or account.insurer_code or account.town_code
        print(f"{account.email}\t{account.role}\t{state}\t{code}".rstrip())


def _close(args: argparse.Namespace, at: datetime) -> None:
    from soutien.steps.actor import SYSTEM
    from soutien.steps.enrol import close_account

    now = close_account(actor=SYSTEM, email=args.email, at=at)
    print(f"{args.email} is closed." if now else f"{args.email} was closed already.")


def _reopen(args: argparse.Namespace, at: datetime) -> None:
    from soutien.steps.actor import SYSTEM
    from soutien.steps.enrol import reopen_account

    now = reopen_account(actor=SYSTEM, email=args.email, at=at)
    print(f"{args.email} is open again." if now else f"{args.email} was open already.")


def _role(args: argparse.Namespace, at: datetime) -> None:
    from soutien.steps.actor import SYSTEM
    from soutien.steps.enrol import change_role

    account = change_role(actor=SYSTEM, email=args.email, role=args.role, tie=_tie(args), at=at)
    print(f"{account.email} is {account.role} now.")


def _ward(args: argparse.Namespace, at: datetime) -> None:
    from soutien.registers.people.guardianships import OF_ADULTS
    from soutien.steps.actor import SYSTEM
    from soutien.steps.gather import day_after
    from soutien.steps.guard import record_guardianship

    row = record_guardianship(
        actor=SYSTEM,
        guardian_id=_guardian(args.email),
        child_id=_person(args.child),
        kind=args.kind,
        proof=args.proof,
        valid_from=args.since or _today(at),
        valid_before=day_after(args.until),
        at=at,
    )
    until = "the decision's last day" if row.kind in OF_ADULTS else "majority or a decision"
    print(f"{args.email} acts for this person, until {until} ({row.public_id}).")


def _unward(args: argparse.Namespace, at: datetime) -> None:
    from soutien.registers.people.guardianships import wards_on
    from soutien.steps.actor import SYSTEM
    from soutien.steps.errors import Refusal
    from soutien.steps.guard import end_guardianship

    child_id, today = _person(args.child), _today(at)
    held = wards_on(_guardian(args.email), today).filter(child_id=child_id).first()
    if held is None:
        raise Refusal("not_found")
    end_guardianship(
        actor=SYSTEM,
        guardianship_id=held.public_id,
        ended_for=args.why,
        proof=args.proof,
        ends_on=args.on or today,
        at=at,
    )
    print(f"{args.email} no longer acts for this child from {args.on or today} on.")


def _replace(args: argparse.Namespace, at: datetime) -> None:
    from soutien.steps.actor import SYSTEM
    from soutien.steps.gather import day_after
    from soutien.steps.stand_in import record_replacement

    before = day_after(args.last)
    assert before is not None
    record_replacement(
        actor=SYSTEM,
        replaced_id=_psychologist(args.away),
        replacing_id=_psychologist(args.by),
        valid_from=args.first,
        valid_before=before,
        at=at,
    )
    print(f"{args.by} stands in for {args.away} from {args.first} to {args.last}.")


def _recover(args: argparse.Namespace, at: datetime) -> None:
    """Two administrators, each with a code of their own application, one after the other."""
    from soutien.registers.accounts.models import Recovery
    from soutien.registers.accounts.queries import by_email
    from soutien.steps.actor import SYSTEM, Actor
    from soutien.steps.errors import Refusal
    from soutien.steps.protect import check_code
    from soutien.steps.recover import vouch_for_recovery

    witness = by_email(args.by)
    if witness is None or not witness.is_active:
        raise Refusal("not_found")
    code = getpass(f"A code of {args.by}: ") if sys.stdin.isatty() else sys.stdin.readline()
    mine = Actor(str(witness.role), account_id=witness.pk)
    if not check_code(actor=mine, code=code.strip(), at=at):
        raise Refusal("code_wrong")
    made = vouch_for_recovery(
        actor=SYSTEM, email=args.email, by_account=witness.pk, proof=args.proof, at=at
    )
    if made.state == Recovery.VOUCHED:
        print("Noted. Another administrator now does the same, within seven days.")
    else:
        print(f"All addresses of {args.email} are told. A link is sent there on", end=" ")
        print(f"{made.ready_at:%Y-%m-%d %H:%M} UTC, unless somebody objects.")


def _tie(args: argparse.Namespace) -> Tie:
    from soutien.steps.enrol import Tie

    return Tie(
        person_id=_person(args.person) if args.person else None,
        psychologist_id=_psychologist(args.rpps) if args.rpps else None,
        fund_code=args.fund,
        insurer_code=args.insurer,
        town_code=args.town,
    )


def _guardian(email: str) -> int:
    from soutien.registers.accounts.queries import by_email
    from soutien.steps.errors import Refusal

    account = by_email(email)
    if account is None or account.person_id is None:
        raise Refusal("not_found")
    return account.person_id


def _person(public_id: UUID) -> int:
    from soutien.registers.people.queries import by_public_id
    from soutien.steps.errors import Refusal

    found = by_public_id(public_id)
    if found is None:
        raise Refusal("not_found")
    return found.pk


def _psychologist(rpps: str) -> int:
    from soutien.registers.psychologists.replacements import by_rpps
    from soutien.steps.errors import Refusal

    found = by_rpps(rpps)
    if found is None:
        raise Refusal("not_found")
    return found.pk


def _today(at: datetime) -> date:
    return at.astimezone(PARIS).date()


def _day(text: str) -> date:
    """A day from the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-11-24") from None
