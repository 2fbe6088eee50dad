"""Insurers: their files, their contracts, their part of a session, and nothing else of anybody."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests import factories as make
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.test_entitle import is_refused

from soutien.doors.files.members_file import NoMembers
from soutien.doors.jobs.table import decide_parts
from soutien.doors.members_import import import_members
from soutien.registers.claims.models import Claim
from soutien.registers.insurance.models import Member, MembersFile, PartDecision
from soutien.registers.ledger import queries as ledger
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Cover, Person
from soutien.registers.rights.models import Entry
from soutien.rules.insurer import PartReason
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.entitle import open_right
from soutien.steps.entitled import Evidence, Right
from soutien.steps.insure import (
    Guarantees,
    list_members,
    list_parts,
    open_part,
    open_returns,
    refuse_part,
    settle_part,
    write_contract,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
CODE, OTHER = "0099900001", "0099900002"
INSURER = Actor("insurer_agent", account_id=7, insurer_code=CODE)
STRANGER = Actor("insurer_agent", account_id=8, insurer_code=OTHER)
FUND = Actor("fund_agent", account_id=9, fund_code="019990069")
HEADER = "numero;nom;prenom;naissance;nir;contrat;debut;fin"


def contract(actor: Actor = INSURER, **told: Any) -> None:
    values: dict[str, Any] = {"name": "Essentiel", "responsible": True, "copay_percent": 100}
    values |= {"allowance_cents": 0, "allowance_sessions": 0, "valid_from": date(2022, 1, 1)}
    write_contract(actor=actor, code="E1", guarantees=Guarantees(**(values | told)), at=NOW)


def read(*lines: str, whole: bool = False, header: str = HEADER, code: str = CODE) -> MembersFile:
    text = "\n".join((header, *lines)).encode()
    return import_members(
        iter(text.splitlines(keepends=True)),
        actor=SYSTEM,
        insurer_code=code,
        digest=str(hash(text)),
        whole=whole,
        as_of=NOW.date(),
        at=NOW,
    )


def line_of(person: Person, number: str = "A1", contract_code: str = "E1") -> str:
    days = f"{person.birth_date};{person.nir};{contract_code};2022-01-01;"
    return f"{number};{person.family_name};{person.given_name};{days}"


@pytest.fixture
def who() -> Person:
    return scene.insured(amc=False)


def borne(claim: Claim) -> list[tuple[int | str, int]]:
    """What the insurer bears of a claim, as the ledger stands."""
    stood = ledger.standing([claim.pk])[claim.pk]
    return [(move.debit.key, move.cents) for move in stood if move.debit.kind == "insurer"]


def claimed(person: Person) -> Claim:
    here = scene.practice()
    return scene.paid(here, person, day=scene.AUTUMN, kind="evaluation").claim


def covered(person: Person, code: str = CODE, **fields: Any) -> Claim:
    make.cover(person, valid_from=date(2022, 1, 1), insurer_code=code, **fields)
    return claimed(person)


def parts(actor: Actor = INSURER, state: str = "") -> list[str]:
    return [line.reference for line in list_parts(actor=actor, at=NOW, state=state)[1]]


def test_a_file_says_who_is_added_changed_gone_or_refused_and_twice_changes_nothing() -> None:
    first = read(
        "A1;Un;Ada;17/05/1990;;E1;2022-01-01;",
        "A2;Deux;Bo;1990-05-17;;E1;2022-01-01;2026-12-31",
        "A3;Trois;Cy;hier;;E1;2022-01-01;",
        ";Quatre;Di;1990-05-17;;E1;2022-01-01;",
        "A5;Cinq;El;1990-05-17;123;E1;2022-01-01;",
        "A6;Six;Fa;1990-05-17;;E1;2022-01-01;2021-01-01",
    )
    assert (first.lines, first.added, first.refused) == (6, 2, 4)
    told = list(first.refused_lines.order_by("number").values_list("number", "reason"))
    assert told == [(4, "day"), (5, "no_number"), (6, "nir"), (7, "period")]
    again = read(
        "A1;Un;Ada;17/05/1990;;E1;2022-01-01;",
        "A2;Deux;Bo;1990-05-17;;E1;2022-01-01;2026-12-31",
        "A3;Trois;Cy;hier;;E1;2022-01-01;",
        ";Quatre;Di;1990-05-17;;E1;2022-01-01;",
        "A5;Cinq;El;1990-05-17;123;E1;2022-01-01;",
        "A6;Six;Fa;1990-05-17;;E1;2022-01-01;2021-01-01",
    )
    assert again.pk == first.pk
    assert Member.objects.count() == 2
    later = read("A1;Un-Deux;Ada;17/05/1990;;E1;2022-01-01;", whole=True)
    assert (later.added, later.changed, later.same, later.gone) == (0, 1, 0, 1)
    gone = next(one for one in Member.objects.all() if one.member_number == "A2")
    assert gone.valid_before == NOW.date()


def test_a_file_without_the_columns_is_refused_whole() -> None:
    for header in ("", "numero;nom", "PK\x03\x04"):
        with pytest.raises(NoMembers):
            read("A1;Un", header=header)
    assert not MembersFile.objects.exists()


def test_the_cover_of_who_is_here_follows_the_file_with_its_evidence(who: Person) -> None:
    contract()
    read(line_of(who))
    cover = Cover.objects.get(person=who)
    assert (cover.insurer_code, cover.member_number) == (CODE, "A1")
    assert Entry.objects.get(person=who).evidence == "members_file"
    other = scene.insured(amc=False)
    read(line_of(other, "A2"), whole=True)
    cover.refresh_from_db()
    assert cover.valid_before == NOW.date()
    assert Cover.objects.filter(person=other).count() == 1


def test_the_cover_of_another_insurer_is_left_alone(who: Person) -> None:
    make.cover(who, valid_from=date(2022, 1, 1), insurer_code=OTHER)
    read(line_of(who))
    assert Cover.objects.get(person=who).insurer_code == OTHER


def test_what_an_insurer_is_told_of_its_file_is_the_same_whoever_is_in_care(who: Person) -> None:
    claimed(who)
    mine = read(line_of(who))
    nobody = read("A9;Personne;Ici;17/05/1990;;E1;2022-01-01;", code=OTHER)
    columns = ("lines", "added", "changed", "same", "gone", "refused")
    assert [getattr(mine, name) for name in columns] == [getattr(nobody, name) for name in columns]
    total, members = list_members(actor=INSURER, at=NOW)
    assert (total, [one.member_number for one in members]) == (1, ["A1"])
    assert list_members(actor=STRANGER, at=NOW)[1][0].member_number == "A9"


def test_an_insurer_sees_the_claims_of_its_members_alone(who: Person) -> None:
    claim = covered(who)
    covered(scene.insured(amc=False), OTHER)
    assert parts() == [claim.reference]
    assert len(parts(STRANGER)) == 1
    assert claim.reference not in parts(STRANGER)
    told = {"claim_id": claim.public_id, "at": NOW}
    for step in (open_part, settle_part):
        assert is_refused("not_allowed", step, actor=STRANGER, **told)
    no = {"reason": PartReason.PAID_ELSEWHERE, **told}
    assert is_refused("not_allowed", refuse_part, actor=STRANGER, **no)
    assert open_returns(actor=STRANGER, since=date(2026, 1, 1), at=NOW) == ()


def test_a_ground_of_full_coverage_is_never_the_insurers_to_know(who: Person) -> None:
    make.exemption(who, "css", valid_from=date(2022, 1, 1))
    claim = covered(who)
    assert parts() == []
    told = {"actor": INSURER, "claim_id": claim.public_id, "at": NOW}
    assert is_refused("not_found", open_part, **told)


def test_its_part_is_decided_by_the_contract_of_the_day(who: Person) -> None:
    contract(valid_from=date(2022, 1, 1), responsible=False, copay_percent=50)
    read(line_of(who))
    claim = claimed(who)
    made = settle_part(actor=INSURER, claim_id=claim.public_id, at=NOW)
    assert (made.accepted, made.amc_cents, made.remainder_cents) == (True, 1000, 2000)
    assert settle_part(actor=INSURER, claim_id=claim.public_id, at=NOW).pk == made.pk
    assert parts(state="accepted") == [claim.reference]
    assert parts(state="to_decide") == []


def test_who_is_no_member_that_day_is_refused_with_the_reason(who: Person) -> None:
    contract()
    read("B1;Autre;Elle;17/05/1990;;E1;2022-01-01;")
    claim = covered(who)
    made = settle_part(actor=INSURER, claim_id=claim.public_id, at=NOW)
    assert (made.accepted, made.amc_cents) == (False, 0)
    assert made.reasons == PartReason.NOT_A_MEMBER
    assert Letter.objects.filter(kind="insurance.part.decided").count() == 1


def test_an_agent_refuses_for_a_reason_of_the_list_and_takes_it_back(who: Person) -> None:
    claim = covered(who)
    told = {"actor": INSURER, "claim_id": claim.public_id, "at": NOW}
    assert is_refused("part_reason", refuse_part, **told, reason=PartReason.NOTHING_LEFT)
    settle_part(**told)
    assert borne(claim) == [(f"insurer:{CODE}", 2000)]
    refuse_part(**told, reason=PartReason.CONTRIBUTION_UNPAID)
    assert borne(claim) == []
    assert parts(state="refused") == [claim.reference]
    assert settle_part(**told).accepted
    assert borne(claim) == [(f"insurer:{CODE}", 2000)]
    view = open_part(**told)
    assert [row.accepted for row in view.history] == [True, False, True]
    with pytest.raises(IntegrityError), transaction.atomic():
        PartDecision.objects.update(amc_cents=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        PartDecision.objects.all().delete()


def test_the_clock_decides_what_waits_for_insurers_that_wrote_their_contracts(
    who: Person,
) -> None:
    covered(who)
    assert decide_parts(NOW) == 0
    contract()
    assert decide_parts(NOW) == 1
    assert decide_parts(NOW) == 0
    made = PartDecision.objects.get()
    assert (made.decided_by, made.amc_cents) == ("system", 2000)


def test_a_right_opened_later_does_not_bring_another_insurer_in(who: Person) -> None:
    claim = covered(who)
    settle_part(actor=INSURER, claim_id=claim.public_id, at=NOW)
    css = Right("exemption", date(2026, 9, 1), kind="css")
    letter = Evidence("letter")
    open_right(actor=FUND, person_public_id=who.public_id, right=css, evidence=letter, at=NOW)
    # Until the fund decides again, what was decided stands.
    assert parts(state="accepted") == [claim.reference]
    assert parts(STRANGER) == []


def test_days_of_a_contract_follow_one_another(who: Person) -> None:
    contract(valid_from=date(2022, 1, 1), responsible=False, copay_percent=0)
    contract(valid_from=date(2026, 11, 1))
    read(line_of(who))
    made = settle_part(actor=INSURER, claim_id=claimed(who).public_id, at=NOW)
    assert made.amc_cents == 2000
    with refused("contract_unclear"):
        contract(name=" ")


def test_a_million_lines_are_read_some_at_a_time() -> None:
    """The shape of it, in short: three transactions for a thousand lines, and a broken one."""
    lines = [f"N{number};Nom;Prénom;17/05/1990;;E1;2022-01-01;" for number in range(1001)]
    whole = read(*lines)
    assert (whole.lines, whole.added) == (1001, 1001)
    changed = read(*(line.replace(";E1;", ";E2;") for line in lines[:5]))
    assert (changed.changed, changed.same) == (5, 0)
