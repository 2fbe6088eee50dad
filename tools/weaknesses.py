"""Says which locked packages have a weakness that is publicly known, and what mends it.

    python tools/weaknesses.py                    asks OSV (osv.dev)
    python tools/weaknesses.py --service ADDRESS  asks a copy of it

OSV gathers the advisories of PyPI and GitHub; it learns which versions we use. For a machine that
may reach it, every night: no test asks the network. Code 0: nothing is known. Code 1: something
is. Code 2: nobody could be asked, so nothing is known either way. How soon each is mended:
SECURITY.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Iterable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[1]
SERVICE = "https://api.osv.dev"
SECONDS = 30
# As many as OSV answers at once.
TOGETHER = 1000
NOTHING, SOMETHING, NOT_ASKED = 0, 1, 2


class NotAsked(Exception):
    """The service does not answer, or not as documented: the message says how."""


class Locked(NamedTuple):
    """A package as uv.lock has it."""

    name: str
    version: str


class Weakness(NamedTuple):
    """One of a package: its names, the versions that mend it, what it is."""

    package: Locked
    names: tuple[str, ...]
    mended_in: tuple[str, ...]
    summary: str


def locked(lock: str) -> list[Locked]:
    """Every package of a lock file that comes from an index, in order."""
    packages = tomllib.loads(lock)["package"]
    return sorted(
        Locked(one["name"], one["version"]) for one in packages if "registry" in one["source"]
    )


def asked(address: str, body: Any = None) -> Any:
    """What the service answers. Raises NotAsked."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(address, data=data, headers={"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=SECONDS) as answer:
            return json.load(answer)
    except HTTPError as error:
        error.close()
        raise NotAsked(f"{address} answers {error.code}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise NotAsked(f"{address}: {getattr(error, 'reason', error)}") from error


def ids_of(service: str, packages: list[Locked]) -> Iterator[tuple[Locked, str]]:
    """Each package with the id of each of its weaknesses. Raises NotAsked."""
    queries = [_query(package) for package in packages]
    while queries:
        now, queries = queries[:TOGETHER], queries[TOGETHER:]
        results = asked(f"{service}/v1/querybatch", {"queries": now}).get("results")
        if not isinstance(results, list) or len(results) != len(now):
            raise NotAsked(f"{service} answers something else than one result a package")
        for query, result in zip(now, results, strict=True):
            package = Locked(query["package"]["name"], query["version"])
            yield from ((package, found["id"]) for found in result.get("vulns", ()))
            if token := result.get("next_page_token"):
                queries.append(query | {"page_token": token})


def _query(package: Locked) -> dict[str, Any]:
    return {
        "package": {"ecosystem": "PyPI", "name": package.name},
        "version": package.version,
    }


def known(service: str, packages: list[Locked]) -> list[Weakness]:
    """Every weakness once, whatever number of names it has. Raises NotAsked."""
    found: dict[tuple[Locked, frozenset[str]], Weakness] = {}
    for package, name in ids_of(service, packages):
        told = asked(f"{service}/v1/vulns/{quote(name)}")
        if told.get("withdrawn"):
            continue
        names = {name, *told.get("aliases", ())}
        for key in [key for key in found if key[0] == package and names & key[1]]:
            names |= set(found.pop(key).names)
        mended = sorted(set(_mended(told, package.name)))
        found[package, frozenset(names)] = Weakness(
            package, tuple(sorted(names)), tuple(mended), told.get("summary", "")
        )
    return sorted(found.values())


def _mended(told: dict[str, Any], package: str) -> Iterator[str]:
    for affected in told.get("affected", ()):
        if affected.get("package", {}).get("name", "").lower() == package:
            for stretch in affected.get("ranges", ()):
                if stretch.get("type") == "ECOSYSTEM":
                    yield from (one["fixed"] for one in stretch["events"] if "fixed" in one)


def lines(weaknesses: Iterable[Weakness]) -> Iterator[str]:
    """One line each."""
    for one in weaknesses:
        mended = ", ".join(one.mended_in) or "no version yet"
        told = f": {one.summary}" if one.summary else ""
        yield (
            f"{one.package.name} {one.package.version}  {', '.join(one.names)}  "
            f"mended in {mended}{told}"
        )


def main(arguments: list[str] | None = None) -> int:
    """Prints what is known, and gives the code."""
    parser = argparse.ArgumentParser(prog="weaknesses", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--service", default=SERVICE, help=f"address (default: {SERVICE})")
    parser.add_argument("--lock", type=Path, default=ROOT / "uv.lock", help="lock file to read")
    options = parser.parse_args(arguments)
    packages = locked(options.lock.read_text())
    try:
        weaknesses = known(options.service.rstrip("/"), packages)
    except NotAsked as why:
        print(f"Nobody could be asked ({why}): nothing is known either way.", file=sys.stderr)
        return NOT_ASKED
    for line in lines(weaknesses):
        print(line)
    print(f"{len(packages)} packages, {len(weaknesses)} known weaknesses.")
    return SOMETHING if weaknesses else NOTHING


if __name__ == "__main__":
    sys.exit(main())
