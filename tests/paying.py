"""Claims that are owed, agents who pay them, and a bank that answers in its own words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from tests import factories

from soutien.doors.files.bank_lines import read
from soutien.registers.accounts.models import Role
from soutien.registers.claims.models import Claim
from soutien.registers.ledger import queries as ledger
from soutien.registers.ledger.models import Entry
from soutien.registers.payments import queries as payments
from soutien.registers.payments.models import IN_FORCE, BankDetail, Order, PayerAccount
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import PracticePlace, Psychologist
from soutien.rules.life import Cause
from soutien.rules.owed import Shares, owed
from soutien.steps import decisions
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.pay import prepare_order, release_order
from soutien.steps.reconcile import read_bank_lines

CODE = "019990069"
PAYER = f"fund:{CODE}"
BEARING = ledger.Holder("fund", PAYER)
ON = date(2026, 11, 2)
AT = datetime(2026, 11, 2, 10, tzinfo=UTC)
DAY = timedelta(days=1)
# No decision has such a number: what the steps post beside is never posted twice.
FAR = 10_000_000
# Numbers whose keys are right, of banks that exist, of nobody.
IBANS = (
    "FR7630006000011234567890189",
    "FR1420041010050500013M02606",
    "FR7630004000031234567890143",
)


class Movement(NamedTuple):
    """One line of the bank: ``kind`` is paid, returned or rejected."""

    number: str
    cents: int
    kind: str = "paid"
    reason: str = ""
    reference: str = ""
    day: date = ON + 3 * DAY


def to_release(where: PracticePlace, who: Person, *, fund_code: str) -> Order:
    """An order of one transfer to a psychologist, prepared by somebody else of the fund."""
    payer = f"fund:{fund_code}"
    if not PayerAccount.objects.filter(payer=payer).exists():
        PayerAccount.objects.create(payer=payer, name="Caisse d'exemple", iban=IBANS[2])
    if not BankDetail.objects.filter(psychologist=where.psychologist).exists():
        confirmed(psychologist=where.psychologist)
    owed_claims(where, who, 1, fund_code=fund_code)
    return prepare_order(actor=agent(fund_code), cut_off_on=ON, execution_on=ON + DAY, at=AT)


def agent(code: str = CODE) -> Actor:
    """Somebody of the fund, with an account of their own."""
    account = factories.account(Role.FUND_AGENT, fund_code=code)
    return Actor("fund_agent", account_id=account.pk, fund_code=code)


def paying_account() -> PayerAccount:
    return PayerAccount.objects.create(payer=PAYER, name="Caisse d'exemple", iban=IBANS[2])


def confirmed(
    *, person: Person | None = None, psychologist: Psychologist | None = None
) -> BankDetail:
    """An account that an agent has confirmed."""
    return BankDetail.objects.create(
        person=person,
        psychologist=psychologist,
        iban=IBANS[0],
        holder_name="Camille Exemple",
        fund_code=CODE,
        state=IN_FORCE,
        given_at=AT - 9 * DAY,
        answered_at=AT - 8 * DAY,
        answered_by=1,
    )


def owed_claims(
    where: PracticePlace, who: Person, number: int, *, third_party: int = 1, fund_code: str = CODE
) -> list[Claim]:
    """So many claims accepted and posted: 30 € by the fund, 20 € by nobody."""
    made = []
    for day in range(number):
        held_on = ON - (day % 300) * DAY
        session = factories.care_session(who, where, held_on=held_on)
        claim = factories.claim(
            factories.care_sheet(session), received_on=held_on, fund_code=fund_code
        )
        factories.decision(
            claim,
            amc_cents=0,
            patient_cents=2000,
            third_party=third_party,
            decided_at=min(claim.received_at, AT),
        )
        made.append(claim)
    ledger.post(
        ledger.Transaction(
            "decided",
            FAR + claim.pk,
            ledger.moves(
                owed(Shares(3000, 0, third_party)),
                ledger.Parties(claim.person_id, claim.psychologist_id, claim.fund_code),
            ),
            ON,
            AT,
            claim.pk,
        )
        for claim in made
    )
    return made


def paid_then_refused(where: PracticePlace, who: Person, *, fund_code: str = CODE) -> Claim:
    """A claim paid to the psychologist, 30 €, and refused five days later: an undue sum."""
    payer = f"fund:{fund_code}"
    if not PayerAccount.objects.filter(payer=payer).exists():
        PayerAccount.objects.create(payer=payer, name="Caisse d'exemple", iban=IBANS[2])
    if not BankDetail.objects.filter(psychologist=where.psychologist).exists():
        confirmed(psychologist=where.psychologist)
    [claim] = owed_claims(where, who, 1, fund_code=fund_code)
    order = ordered(agent(fund_code), agent(fund_code))
    [one] = payments.transfers_of(order.pk)
    bank_says(Movement(one.number, 3000), payer=payer)
    refused = decisions.kept(
        claim.decisions.get(),
        AT + 5 * DAY,
        Cause.AGENT_CORRECTED,
        accepted=False,
        reasons=1,
        coverage=0,
        amo_cents=0,
        patient_cents=0,
        used_after=0,
    )
    refused.save()
    decisions.post_again(refused, AT + 5 * DAY)
    return claim


def bank_says(*movements: Movement, payer: str = PAYER) -> None:
    """A file of the bank is read."""
    words = read(camt_054(movements))
    read_bank_lines(actor=SYSTEM, payer=payer, words=words, at=AT + 4 * DAY)


def ordered(preparer: Actor, releaser: Actor | None, *, on: date = ON) -> Order:
    """All that is owed on a day, ordered; released when somebody is given to do it."""
    at = AT + (on - ON)
    order = prepare_order(actor=preparer, cut_off_on=on, execution_on=on + DAY, at=at)
    if releaser is not None:
        release_order(actor=releaser, order_id=order.public_id, at=at)
    return order


def books() -> list[tuple[object, ...]]:
    """The whole ledger, as it stands."""
    return list(Entry.objects.order_by("id").values_list())


def camt_054(movements: Iterable[Movement]) -> bytes:
    """A notification of the bank: one entry each."""
    entries = []
    for one in movements:
        back = one.kind == "returned"
        reason = f"<RtrInf><Rsn><Cd>{one.reason}</Cd></Rsn></RtrInf>" if back else ""
        amount = f"{one.cents // 100}.{one.cents % 100:02}"
        entries.append(
            f"<Ntry><Amt Ccy='EUR'>{amount}</Amt>"
            f"<CdtDbtInd>{'CRDT' if back else 'DBIT'}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
            f"<BookgDt><Dt>{one.day}</Dt></BookgDt>"
            f"<AcctSvcrRef>{one.reference or one.kind + one.number}</AcctSvcrRef>"
            f"<NtryDtls><TxDtls><Refs><EndToEndId>{one.number or 'NOTPROVIDED'}</EndToEndId>"
            f"</Refs><Amt Ccy='EUR'>{amount}</Amt>{reason}</TxDtls></NtryDtls></Ntry>"
        )
    return (
        "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.054.001.08'>"
        "<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M</MsgId></GrpHdr><Ntfctn><Id>N</Id>"
        + "".join(entries)
        + "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


def pain_002(movements: Iterable[Movement]) -> bytes:
    """The bank refuses these transfers."""
    told = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{one.number}</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
        f"<StsRsnInf><Rsn><Cd>{one.reason}</Cd></Rsn></StsRsnInf></TxInfAndSts>"
        for one in movements
    )
    return (
        "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.002.001.03'><CstmrPmtStsRpt>"
        "<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-05T08:00:00</CreDtTm></GrpHdr>"
        f"<OrgnlPmtInfAndSts>{told}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()
