"""What accountants take away: by period, without a name, exact to the cent, never a formula."""

from __future__ import annotations

import csv
import sys
from datetime import date
from pathlib import Path

import pytest
from pyarrow import parquet
from tests import factories as make
from tests.steps import scene
from tests.steps.scene import AUTUMN, DAY

from soutien.doors.cli.main import main
from soutien.doors.files.accounting_file import CsvFile
from soutien.registers.accounts.models import Role
from soutien.registers.audit.models import Entry
from soutien.registers.claims.models import Claim
from soutien.steps import accounting
from soutien.steps.accounting import COLUMNS

PERIOD = ["--since", "2026-11-01", "--before", "2026-12-01"]


@pytest.fixture
def claims(db: None) -> list[Claim]:
    """Two claims received in November, and one in December."""
    here, who = scene.practice(), scene.insured()
    days = [AUTUMN - 7 * DAY, AUTUMN, AUTUMN + 7 * DAY]
    made = []
    for day, kind in zip(days, ["evaluation", "follow_up", "follow_up"], strict=True):
        booking = scene.booked(here, who, day=day, kind=kind)
        made.append(scene.sent(here, scene.closed(here, booking)))
    return made


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_claims_of_a_month_leave_as_csv_and_as_parquet_alike(
    claims: list[Claim], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for sort in ("csv", "parquet"):
        file = tmp_path / f"november.{sort}"
        assert main(["accounts", "claims", str(file), *PERIOD]) == 0
        assert file.stat().st_mode & 0o077 == 0
        assert main(["accounts", "claims", str(file), *PERIOD]) == 1
    assert "2 rows" in capsys.readouterr().out
    rows = read(tmp_path / "november.csv")
    assert [row["reference"] for row in rows] == [claim.reference for claim in claims[:2]]
    assert [(row["act_code"], row["price_cents"], row["amo_cents"]) for row in rows] == [
        ("EEP", "5000", "3000"),
        ("APS", "5000", "3000"),
    ]
    table = parquet.read_table(tmp_path / "november.parquet")
    assert table.column_names == list(COLUMNS)
    assert table["amo_cents"].to_pylist() == [3000, 3000]
    assert table["held_on"].to_pylist() == [AUTUMN - 7 * DAY, AUTUMN]
    assert table["accepted"].to_pylist() == [True, True]
    words = (tmp_path / "november.csv").read_text()
    assert claims[0].person.family_name not in words
    assert claims[0].person.nir not in words


def test_every_decision_leaves_and_only_the_last_counts(
    claims: list[Claim], tmp_path: Path
) -> None:
    make.decision(claims[0], accepted=False, sequence=2)
    for what, many in (("claims", 2), ("decisions", 3)):
        file = tmp_path / f"{what}.csv"
        assert main(["accounts", what, str(file), *PERIOD]) == 0
        rows = read(file)
        assert len(rows) == many
    assert rows[-1]["reasons"] == "before_programme_start"
    assert [row["accepted"] for row in read(tmp_path / "claims.csv")] == ["1", "0"]
    other = tmp_path / "another.csv"
    assert main(["accounts", "claims", str(other), *PERIOD, "--fund", "019999999"]) == 0
    assert read(other) == []


def test_a_long_table_is_read_page_by_page(
    claims: list[Claim],
) -> None:
    seen = []
    after: int | None = 0
    while after is not None:
        page = accounting.open_accounting(
            actor=scene.Practice(claims[0].care_session.place).actor,
            what="claims",
            since=date(2026, 1, 1),
            before=date(2027, 1, 1),
            at=scene.at(AUTUMN),
            after=after,
            size=1,
        )
        seen += [row[0] for row in page.rows]
        after = page.after
    assert seen == [claim.reference for claim in claims]


def test_what_somebody_typed_is_no_formula_and_no_library_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], db: None
) -> None:
    with CsvFile(tmp_path / "a.csv", {"label": str, "cents": int}) as file:
        file.write([("=1+1", -5)])
    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()[1] == "'=1+1;-5"
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main(["accounts", "claims", str(tmp_path / "b.parquet"), *PERIOD]) == 1
    assert "`batch` extra" in capsys.readouterr().err
    assert main(["accounts", "claims", str(tmp_path / "b.txt"), *PERIOD]) == 1


def test_a_psychologist_takes_their_own_and_nobody_elses(claims: list[Claim], client) -> None:  # type: ignore[no-untyped-def]
    for owner, many in ((claims[0].psychologist, 3), (make.psychologist(), 0)):
        client.force_login(make.account(Role.PSYCHOLOGIST, psychologist=owner))
        answer = client.get("/feuilles/comptes.csv?annee=2026")
        assert answer.status_code == 200
        assert len(answer.content.decode().splitlines()) == 1 + many


def test_an_account_is_told_entry_by_entry_with_what_is_open_by_age(
    claims: list[Claim], capsys: pytest.CaptureFixture[str]
) -> None:
    claim = claims[0]
    year = ["--since", "2026-01-01", "--before", "2027-01-01"]
    told = {}
    rpps = claim.psychologist.rpps
    for account in (
        *(f"fund:{claim.fund_code}", f"psychologist:{rpps}"),
        f"person:{claim.person.public_id}",
    ):
        assert main(["accounts", "statement", account, *year]) == 0
        told[account[:4]] = " ".join(capsys.readouterr().out.split())
    # Three claims of 50 euros: 60 % are the fund's, the rest is the insurer's.
    assert "at the end -€90 " in told["fund"]
    assert "at the end €90 " in told["psyc"]
    assert "at the end €60 " in told["pers"]
    for one in claims:
        assert f"decided {one.reference} psychologist -€30" in told["fund"]
        assert f"decided {one.reference} fund €30" in told["psyc"]
        assert f"decided {one.reference} insurer €20" in told["pers"]
    assert "Open today, by age in days: 0 to 29" in told["pers"]
    line = Entry.objects.filter(event="payments.ledger.opened").latest("id")
    assert (line.person_id, line.actor_role) == (claim.person_id, "system")


@pytest.mark.parametrize("account", ["fund:", "person:nobody", "psychologist:1", "moon", "bank:x"])
def test_no_account_is_a_sentence(db: None, account: str, capsys: pytest.CaptureFixture[str]):
    assert main(["accounts", "statement", account, *PERIOD]) == 1
    assert account in capsys.readouterr().err


def test_an_account_of_nothing_yet_is_empty(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    rpps = scene.practice().place.psychologist.rpps
    for account in (f"psychologist:{rpps}", "transit:fund:019990069"):
        assert main(["accounts", "statement", account, *PERIOD]) == 0
        assert "decided" not in capsys.readouterr().out
