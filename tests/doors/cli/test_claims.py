"""``soutien claims``: a file of paper sheets, and what two decisions differ by."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from tests import factories
from tests.steps import scene
from tests.steps.scene import DAY, MONDAY, at

from soutien.doors.cli.main import main
from soutien.registers.claims.models import Claim, Decision
from soutien.registers.people.models import Person
from soutien.rules.life import Cause
from soutien.steps.actor import SYSTEM
from soutien.steps.decide_again import decide_person_again

pytestmark = pytest.mark.django_db
COLUMNS = (
    *("sheet", "nir", "birth_date", "psychologist", "held_on", "act_code"),
    *("price_cents", "received_on"),
)


def line(who: Person, where: scene.Practice, number: int, **words: object) -> dict[str, object]:
    day = MONDAY + number * DAY
    told: dict[str, object] = {
        "sheet": f"P{number}",
        "nir": who.nir,
        "birth_date": who.birth_date,
        "psychologist": where.place.psychologist.rpps,
        "held_on": day.isoformat(),
        "act_code": "APS" if number else "EEP",
        "price_cents": 5000,
        "received_on": (day + DAY).isoformat(),
    }
    return told | words


def as_csv(path: Path, lines: list[dict[str, object]], separator: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=separator, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(lines)
    return path


def test_a_file_is_entered_once_and_refused_lines_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    where, who = scene.practice(), scene.insured()
    lines = [
        line(who, where, 0),
        line(who, where, 1),
        line(who, where, 2, act_code="XXX"),
        line(who, where, 3, birth_date="1990-05-18"),
        line(who, where, 4, nir="1234"),
        line(who, where, 5, price_cents=4000),
    ]
    file, report = as_csv(tmp_path / "sheets.csv", lines, ";"), tmp_path / "refused.csv"
    assert main(["claims", "enter", str(file), "--report", str(report)]) == 0
    told = capsys.readouterr().out.split()
    assert Claim.objects.count() == 3
    assert Decision.objects.filter(accepted=True).count() == 2
    rows = list(csv.reader(report.read_text("utf-8").splitlines()))
    assert [(row[0], row[1]) for row in rows[1:]] == [("4", "act_code"), ("6", "nir"), ("5", "")]
    assert who.nir not in report.read_text() and "1234" not in report.read_text()
    assert told[told.index("accepted") + 1] == "2"
    assert main(["claims", "enter", str(file)]) == 0
    assert "entered before          3" in capsys.readouterr().out
    assert Claim.objects.count() == 3


def test_json_lines_are_read_strictly(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    where, who = scene.practice(), scene.insured()
    file = tmp_path / "sheets.jsonl"
    good = line(who, where, 0, third_party=None, prescribed=False, amo_third_party=True)
    good.pop("third_party")
    wrong = [good | {"colour": "red"}, good | {"price_cents": 50.0}, [], "{"]
    texts = [item if isinstance(item, str) else json.dumps(item) for item in (good, *wrong)]
    file.write_text("\n".join(texts), encoding="utf-8")
    assert main(["claims", "enter", str(file)]) == 0
    out = capsys.readouterr().out.split()
    assert (out[out.index("refused") + 1], Claim.objects.get().sent_by) == ("4", "psychologist")


@pytest.mark.parametrize("content", ["", "sheet,nir\n1,2\n", "PK\x03\x04"])
def test_another_file_is_refused_as_a_whole(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "other.csv"
    file.write_text(content, encoding="utf-8")
    assert main(["claims", "enter", str(file)]) == 2
    assert "other.csv" in capsys.readouterr().err


def test_the_difference_of_a_decision_taken_again_is_printed(capsys: pytest.CaptureFixture[str]):
    where, who = scene.practice(), scene.insured()
    session = scene.closed(where, scene.booked(where, who, day=MONDAY, kind="evaluation"))
    claim = scene.sent(where, session)
    assert main(["claims", "difference", claim.reference]) == 1
    factories.exemption(who, "css", valid_from=date(2026, 1, 1))
    decide_person_again(
        actor=SYSTEM,
        person_id=who.pk,
        cause=Cause.RIGHT_OPENED_LATE,
        at=at(MONDAY + 30 * DAY),
    )
    capsys.readouterr()
    assert main(["claims", "difference", claim.reference, "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "Why: a right opened late" in told
    assert "Share of the health insurance: €30 → €50" in told
