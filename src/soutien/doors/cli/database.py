"""What concerns the database itself.

soutien database grants ROLE           print what the role that runs the product needs, as SQL
soutien database grants ROLE --apply   give it (as the owner of the tables, after each migration)
"""

from __future__ import annotations

import argparse

from soutien.doors.environment import SettingError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    grants = acts.add_parser("grants", help="what the role that runs the product may do")
    grants.add_argument("role", metavar="ROLE", help="that role; CREATE ROLE makes it before")
    grants.add_argument("--apply", action="store_true", help="give it now")


def run(args: argparse.Namespace) -> int:
    """Prints or gives the rights. 1 on SQLite, or when this is not the owner."""
    from soutien.doors.cli.framework import start

    start()
    from django.db import DatabaseError, connection, transaction

    from soutien.doors.database_roles import apply, grants

    if connection.vendor != "postgresql":
        raise SettingError("SQLite has no roles: who may open the file may do everything.")
    try:
        if args.apply:
            with transaction.atomic():
                count = apply(args.role)
            print(f"{args.role} has what the product needs and no more ({count} statements).")
        else:
            print("".join(f"{statement};\n" for statement in grants(args.role)), end="")
    except DatabaseError as error:
        first = str(error).splitlines()[0]
        raise SettingError(
            f"The database refuses ({first}): run this as the owner of the tables, for a role "
            "that exists."
        ) from error
    return 0
