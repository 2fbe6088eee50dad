"""Whatever the API is sent, in the form its own file gives or bent out of it: a documented answer.

Requests are made from docs/openapi.json: values of every declared type, then some of them bent,
dropped or replaced by the hostile values of test_bad_input.py. Never a failure of ours.
"""

from __future__ import annotations

import json
import logging
import random
import string
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import pytest
import time_machine
from django.db import transaction
from tests.doors.api.program import Program, key_of
from tests.proof.access_world import DAY, NOW, Side, side
from tests.proof.served import FULL
from tests.proof.test_bad_input import BAD, SLOWEST_SECONDS
from tools import openapi

from soutien.doors.api import opening

pytestmark = pytest.mark.django_db
EACH = 2_000 if FULL else 120
WIDE = opening.Limit("api.fuzz", 10**9, timedelta(minutes=10))
MANY = 50
# What the patterns of the file take.
SAMPLES = {"insee": "69381", "departement": "69", "language": "en", "phone": "06 39 98 00 07"}
PROBLEM = {"code", "sentence", "remedy", "reference", "fields", "nearest"}
# Values of JSON that a form cannot send.
ODD: tuple[Any, ...] = (None, True, 0, -1, 2**63, 2**200, 1e308, [], {}, [[]], {"a": {"b": []}})


class Maker:
    """Values as a schema declares them, and bent ones."""

    def __init__(self, schema: dict[str, Any], of: Side, seed: int) -> None:
        self.schema, self.of, self.chance = schema, of, random.Random(seed)
        self.bending = 0.0

    def value(self, shape: dict[str, Any], name: str = "") -> Any:
        """A value of this shape; now and then anything else."""
        if self.chance.random() < self.bending:
            return self.chance.choice((*BAD.values(), *ODD))
        if "$ref" in shape:
            return self.value(self.schema["components"]["schemas"][shape["$ref"].split("/")[-1]])
        for several in ("anyOf", "oneOf"):
            if several in shape:
                return self.value(self.chance.choice(shape[several]), name)
        if "enum" in shape or "const" in shape:
            return self.chance.choice(shape.get("enum", [shape.get("const")]))
        made = {
            "integer": self._whole,
            "number": self._number,
            "boolean": lambda _shape, _name: self.chance.random() < 0.5,
            "array": self._list,
            "object": self._object,
            "null": lambda _shape, _name: None,
        }.get(shape.get("type", "string"), self._text)
        return made(shape, name)

    def _whole(self, shape: dict[str, Any], name: str) -> int:
        if name == "place" and self.chance.random() < 0.7:
            return self.of.place.pk
        least, most = shape.get("minimum", -10), shape.get("maximum", 10**6)
        return self.chance.choice((least, most, self.chance.randint(least, most)))

    def _number(self, shape: dict[str, Any], _name: str) -> float:
        return self.chance.uniform(shape.get("minimum", -1e6), shape.get("maximum", 1e6))

    def _list(self, shape: dict[str, Any], _name: str) -> list[Any]:
        return [self.value(shape.get("items", {})) for _n in range(self.chance.randint(0, 3))]

    def _object(self, shape: dict[str, Any], _name: str) -> dict[str, Any]:
        found = {}
        for name, inside in shape.get("properties", {}).items():
            needed = name in shape.get("required", ())
            if self.chance.random() < (0.97 if needed else 0.5):
                found[name] = self.value(inside, name)
        if self.chance.random() < self.bending:
            found[self.chance.choice(list(BAD.values()))] = self.chance.choice(ODD)
        return found

    def _text(self, shape: dict[str, Any], name: str) -> str:
        kind = shape.get("format")
        if "pattern" in shape and self.chance.random() < 0.8:
            return self.chance.choice(("", SAMPLES.get(name, "")))
        if kind == "uuid":
            return str(self.id_of(name))
        if kind == "date-time":
            moment = NOW + timedelta(hours=self.chance.randint(-100, 2_000))
            return (NOW + 4 * DAY if self.chance.random() < 0.5 else moment).isoformat()
        if kind == "date":
            return (NOW + self.chance.randint(-40_000, 4_000) * DAY).date().isoformat()
        most = shape.get("maxLength", 40)
        letters = string.ascii_letters + string.digits + " é'-"
        return "".join(self.chance.choices(letters, k=self.chance.randint(0, most)))

    def id_of(self, name: str) -> UUID:
        """The real thing of a name, or another one's, or nobody's."""
        real = [
            {
                "psychologist": self.of.psychologist.public_id,
                "patient": self.of.child.public_id,
                "booking": self.chance.choice((self.of.held, self.of.booked)).public_id,
                "care_sheet": self.of.sheet.public_id,
                "claim": self.of.claim.public_id,
            }.get(name, self.of.child.public_id)
        ]
        real += [self.of.claim.public_id, UUID(int=self.chance.getrandbits(128))]
        return self.chance.choices(real, weights=(8, 1, 1))[0]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Side]:
    logging.disable()
    for name in ("FROM_A_PLACE", "READS", "ACTS"):
        monkeypatch.setattr(opening, name, WIDE)
    with time_machine.travel(NOW, tick=False):
        yield side("Zibeline", "019990001")
    logging.disable(logging.NOTSET)


def operations() -> list[tuple[str, str]]:
    schema = json.loads(openapi.FILE.read_text())
    return [(method, path) for path, found in schema["paths"].items() for method in found]


@pytest.mark.parametrize(("method", "path"), operations())
def test_whatever_is_sent_is_answered_as_documented(world: Side, method: str, path: str):
    schema = json.loads(openapi.FILE.read_text())
    operation = schema["paths"][path][method]
    made = Maker(schema, world, seed=len(path))
    by = [Program(key_of(world.accounts[role])) for role in ("person", "psychologist")]
    seen: Counter[int] = Counter()
    for number in range(EACH):
        made.bending = (0.0, 0.05, 0.4)[number % 3]
        asked, body = request_of(made, path, operation)
        sent = json.dumps(body) if body is not None else None
        if body is not None and made.chance.random() < made.bending / 4:
            sent = sent[: len(sent) // 2] if sent else sent
        program = by[number % 2]
        answer, took = timed(program, method, asked, sent)
        if FULL and took > SLOWEST_SECONDS:
            # A busy machine is slow now and then; what is slow by itself is slow again.
            took = min(timed(program, method, asked, sent)[1] for _time in range(2))
        seen[answer.status_code] += 1
        where = (asked, sent and sent[:200], answer.status_code, answer.content[:300])
        assert answer.status_code < 500, where
        known = str(answer.status_code) in operation["responses"]
        # An address that is bent is another address.
        assert known or answer.status_code in (404, 405), where
        assert answer["Content-Type"].startswith("application/json"), where
        if answer.status_code >= 400:
            assert set(answer.json()) == PROBLEM, where
        assert not FULL or took < SLOWEST_SECONDS, where
    print(method, path, dict(seen))
    assert any(status < 300 for status in seen), seen
    assert any(status >= 400 for status in seen) or path.endswith("places"), seen


def timed(by: Program, method: str, asked: str, sent: str | None) -> tuple[Any, float]:
    """An answer, undone, and how long it took."""
    point, began = transaction.savepoint(), time.perf_counter()
    answer = by.get(asked) if method == "get" else by.post(asked, sent)
    took = time.perf_counter() - began
    transaction.savepoint_rollback(point)
    # Rolled back it still stands: thousands of them, one inside the other, hold each a lock.
    transaction.savepoint_commit(point)
    return answer, took


def request_of(made: Maker, path: str, operation: dict[str, Any]) -> tuple[str, Any]:
    """An address with its question, and a body when the operation takes one."""
    asked: dict[str, Any] = {}
    for parameter in operation.get("parameters", []):
        name, place = parameter["name"], parameter["in"]
        left_out = not parameter["required"] and made.chance.random() < 0.6
        if place == "header" or left_out:
            continue
        value = made.value(parameter["schema"], name)
        if place == "path":
            path = path.replace(f"{{{name}}}", quote(_written(value), safe=""))
        else:
            asked[name] = [_written(one) for one in value] if isinstance(value, list) else value
    question = urlencode(
        {
            name: value if isinstance(value, list) else _written(value)
            for name, value in asked.items()
        },
        doseq=True,
    )
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    body = made.value(content["schema"]) if content else None
    if body is not None and path.endswith("decide") and made.chance.random() < 0.6:
        body = {"case": made.chance.choice(CASES)}
        if made.chance.random() < 0.7:
            part = made.chance.choice(list(body["case"]))
            body["case"] = body["case"] | {part: made.chance.choice((*ODD, *BAD.values()))}
    return (f"{path}?{question}" if question else path), body


def _written(value: Any) -> str:
    """A value as an address writes it; half a character is none."""
    return str(value).encode("utf-8", "replace").decode()


CASES = json.loads((openapi.FILE.parents[1] / "tests" / "law" / "cases.json").read_text())[:MANY]
