"""Opens towns' portals, and indexes what they publish again.

soutien content town CODE NAME   open a portal, empty: an INSEE code, or FR for the national set
soutien content towns            every portal, with its address
soutien content index            index everything again, with the figures of today
soutien content check            sentences that state the law wrongly; code 1 when there are some

Its editors and authors: soutien account add EMAIL --role town_editor --town CODE
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

DONE, FAILED = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``soutien content`` understands."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    town = acts.add_parser("town", help="open a portal, empty")
    town.add_argument("code", metavar="CODE", help="the town's INSEE code, or FR")
    town.add_argument("name", metavar="NAME", help="how the portal is called")
    acts.add_parser("towns", help="every portal, with its address")
    acts.add_parser("index", help="index everything again")
    check = acts.add_parser("check", help="find sentences that state the law wrongly")
    check.add_argument("--town", default="", metavar="CODE", help="one portal; all without it")
    check.add_argument("--lang", default="fr", choices=("fr", "en"), help="of what is answered")


def run(args: argparse.Namespace) -> int:
    """Does what was asked. 1 when it was refused, with the reason."""
    from soutien.doors.cli.framework import start

    start()
    from soutien.steps.errors import Refusal

    acts = {"town": _town, "towns": _towns, "index": _index, "check": _check}
    try:
        code = acts[args.act](args, datetime.now(UTC))
    except Refusal as refusal:
        print(f"{refusal.sentence('en')} {refusal.remedy('en')}", file=sys.stderr)
        return FAILED
    return code or DONE


def _town(args: argparse.Namespace, at: datetime) -> None:
    from soutien.registers.contents.models import NATIONAL
    from soutien.registers.places.gazetteer import town_by_insee
    from soutien.steps.errors import Refusal
    from soutien.steps.settle import Arranged, settle_town

    code = args.code.upper()
    if code != NATIONAL and town_by_insee(code) is None:
        raise Refusal("not_found")
    town = settle_town(code=code, arranged=Arranged(args.name), at=at)
    print(f"{town.name}: /portail/{town.slug}")


def _towns(_args: argparse.Namespace, at: datetime) -> None:
    from soutien.steps.seek import list_towns

    for town in list_towns(at=at):
        print(f"{town.code:5}  {town.name}  /portail/{town.slug}")


def _index(_args: argparse.Namespace, at: datetime) -> None:
    from soutien.steps.publish import index_contents

    print(f"{index_contents(at=at)} indexed.")


def _check(args: argparse.Namespace, at: datetime) -> int:
    from soutien.steps.recheck import check_contents

    stale = check_contents(at=at, town=args.town.upper(), lang=args.lang)
    for page in stale:
        print(f"/portail/{page.town.slug}/{page.content.slug} ({page.content.language})")
        for one in page.findings:
            since = f"since {one.since}" if one.since else "it never said so"
            print(f"  it says:  {one.sentence}")
            print(f"  the law:  {one.title}: {one.right} ({since}; {', '.join(one.rules)})")
            print(f"  write:    {one.proposal}")
            if one.caution:
                print(f"  careful:  {one.caution}")
    count = sum(len(page.findings) for page in stale)
    print(f"{count} to mend, in {len(stale)} pages." if count else "Nothing to mend.")
    return FAILED if count else DONE
