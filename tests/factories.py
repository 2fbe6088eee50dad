"""Rows for tests: one function a table, every date passed in, everything else made up.

Made-up identifiers can be checked like real ones and cannot belong to anybody:

- NIR: département 00, which does not exist, with a right key;
- RPPS: first digit 0, where real numbers start with 1 or 8, with a right Luhn digit;
- fund codes: caisse 999 of the general scheme, which does not exist;
- telephone: 06 39 98, which Arcep keeps for fiction; e-mail: example.org (RFC 2606).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.db.models import Model

from soutien.registers.accounts.models import Account, Role
from soutien.registers.agenda.models import Booking, OpeningException, OpeningRule
from soutien.registers.audit import queries as audit
from soutien.registers.audit.models import Entry
from soutien.registers.care.models import CareSession, Referral, Seat, Year
from soutien.registers.claims.models import (
    CareSheet,
    Claim,
    Contest,
    ContestAnswer,
    Decision,
    Event,
    Review,
    SheetLine,
)
from soutien.registers.guardians import queries as guardians
from soutien.registers.guardians.models import Holder, Link, Signature
from soutien.registers.people.guardianships import Guardianship
from soutien.registers.people.models import (
    Affiliation,
    Cover,
    Exemption,
    Person,
    PsychiatricSituation,
)
from soutien.registers.people.queries import add_person
from soutien.registers.people.rights import ground_index, member_index
from soutien.registers.psychologists.models import (
    Agreement,
    PracticePlace,
    Psychologist,
    Replacement,
    Suspension,
)

FUND = "019990000"
LYON = (45.7578, 4.8320)
FOLLOW_UP = {"kind": "follow_up", "modality": "in_person"}
EVALUATION = {"kind": "evaluation", "modality": "in_person"}

_serial = count(1)


def made_up_nir(number: int, *, born_on: date = date(1990, 5, 17), sex: int = 2) -> str:
    """A NIR with its key, in a département that does not exist; ``number`` up to 999,999."""
    first = f"{sex}{born_on:%y%m}00{number // 1000 % 1000:03}{number % 1000:03}"
    return f"{first}{97 - int(first) % 97:02}"


def made_up_rpps(number: int) -> str:
    """An RPPS number that starts with 0, with its Luhn digit."""
    digits = f"00{number:08}"
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-1::-2])
    return f"{digits}{-(doubled + sum(map(int, digits[-2::-2]))) % 10}"


def person(*, at: datetime, with_nir: bool = False, **fields: Any) -> Person:
    """Somebody who looks for help; ``with_nir`` gives a made-up NIR."""
    number = next(_serial)
    values: dict[str, Any] = {
        "given_name": "Camille",
        "family_name": f"Exemple-{number}",
        "birth_date": "1990-05-17",
        "email": f"camille.{number}@example.org",
        "phone": "0639980000",
        "nir": made_up_nir(number) if with_nir else "",
        "created_at": at,
    }
    return add_person(**(values | fields))


def affiliation(owner: Person, *, valid_from: date, **fields: Any) -> Affiliation:
    """The person's scheme, the general one unless told otherwise."""
    values: dict[str, Any] = {"regime": "general", "fund_code": FUND}
    return Affiliation.objects.create(person=owner, valid_from=valid_from, **(values | fields))


def exemption(owner: Person, kind: str, *, valid_from: date, **fields: Any) -> Exemption:
    """A ground of full coverage."""
    index = ground_index(owner, kind, fields.get("reference", ""))
    return Exemption.objects.create(
        person=owner, kind=kind, valid_from=valid_from, same_index=index, **fields
    )


def cover(owner: Person, *, valid_from: date, **fields: Any) -> Cover:
    """A complementary insurance under a responsible contract."""
    values: dict[str, Any] = {"insurer_name": "Mutuelle d'exemple"} | fields
    index = member_index(values.get("insurer_code", ""), values.get("member_number", ""))
    return Cover.objects.create(person=owner, valid_from=valid_from, member_index=index, **values)


def psychiatric_situation(
    owner: Person, kind: str, *, valid_from: date, **fields: Any
) -> PsychiatricSituation:
    """What keeps a person out of the programme."""
    return PsychiatricSituation.objects.create(
        person=owner, kind=kind, valid_from=valid_from, **fields
    )


def psychologist(*, under_agreement_from: date | None = None, **fields: Any) -> Psychologist:
    """A psychologist who sees adults and takes new patients; under agreement from a day on."""
    number = next(_serial)
    values: dict[str, Any] = {
        "given_name": "Dominique",
        "family_name": f"Modèle-{number}",
        "search_name": f"dominique modele {number}",
        "rpps": made_up_rpps(number),
    }
    made = Psychologist.objects.create(**(values | fields))
    if under_agreement_from:
        agreement(made, valid_from=under_agreement_from)
    return made


def place(owner: Psychologist, **fields: Any) -> PracticePlace:
    """A practice in Lyon unless told otherwise."""
    values: dict[str, Any] = {
        "address_line": "1 rue de l'Exemple",
        "postcode": "69001",
        "town_name": "Lyon",
        "insee": "69123",
        "latitude": LYON[0],
        "longitude": LYON[1],
    }
    return PracticePlace.objects.create(psychologist=owner, **(values | fields))


def agreement(owner: Psychologist, *, valid_from: date, **fields: Any) -> Agreement:
    """A period under agreement, open at its end unless told otherwise."""
    return Agreement.objects.create(psychologist=owner, valid_from=valid_from, **fields)


def suspension(owner: Psychologist, *, valid_from: date, **fields: Any) -> Suspension:
    """A period during which the agreement is suspended."""
    return Suspension.objects.create(psychologist=owner, valid_from=valid_from, **fields)


def opening(where: PracticePlace, weekday: int, *, valid_from: date, **fields: Any) -> OpeningRule:
    """Open every week from 9 to 12, an hour a session, unless told otherwise."""
    values: dict[str, Any] = {"starts_at_minute": 9 * 60, "ends_at_minute": 12 * 60}
    return OpeningRule.objects.create(
        psychologist_id=where.psychologist_id,
        place=where,
        weekday=weekday,
        valid_from=valid_from,
        **(values | fields),
    )


def closing(owner: Psychologist, day: date, **fields: Any) -> OpeningException:
    """Closed all day at all places unless told otherwise."""
    return OpeningException.objects.create(psychologist=owner, day=day, **fields)


def special_opening(where: PracticePlace, day: date, **fields: Any) -> OpeningException:
    """Open on one day, at other hours than every week."""
    values: dict[str, Any] = {"starts_at_minute": 14 * 60, "ends_at_minute": 16 * 60}
    return OpeningException.objects.create(
        psychologist_id=where.psychologist_id,
        place=where,
        day=day,
        closed=False,
        **(values | fields),
    )


def booking(
    where: PracticePlace,
    *,
    starts_at: datetime,
    who: Person | None = None,
    status: str = "confirmed",
    **fields: Any,
) -> Booking:
    """A confirmed follow-up of an hour, made the day before; a hold lasts ten minutes."""
    made_at = starts_at - timedelta(days=1)
    values: dict[str, Any] = FOLLOW_UP | {
        "ends_at": starts_at + timedelta(hours=1),
        "civil_day": starts_at.date(),
        "created_at": made_at,
        "held_until": made_at + timedelta(minutes=10) if status == "held" else None,
    }
    return Booking.objects.create(
        psychologist_id=where.psychologist_id,
        place=where,
        person=who,
        starts_at=starts_at,
        status=status,
        **(values | fields),
    )


def guardianship(
    guardian: Person, child: Person, *, valid_from: date, **fields: Any
) -> Guardianship:
    """A parent, as the family book says, open at its end unless told otherwise."""
    values: dict[str, Any] = {
        "kind": "parent",
        "proof": "livret de famille",
        "recorded_by": "system",
        "recorded_at": noon(valid_from),
        "ended_for": "term" if fields.get("valid_before") else "",
    }
    return Guardianship.objects.create(
        guardian=guardian, child=child, valid_from=valid_from, **(values | fields)
    )


def holder(child: Person, *, at: datetime, **fields: Any) -> Holder:
    """Somebody who holds parental authority over a child, with an address of their own."""
    number = next(_serial)
    values: dict[str, Any] = {
        "given_name": "Nadia",
        "family_name": f"Exemple-{number}",
        "capacity": "parent",
        "email": f"nadia.{number}@example.org",
        "phone": "",
        "added_at": at,
        "added_by": "anonymous",
    }
    return guardians.name(child.pk, **(values | fields))


def consent_link(of: Holder, treated_by: Psychologist, *, at: datetime) -> Link:
    """A holder's own link, good for a month."""
    ends_at = at + timedelta(days=30)
    return guardians.make_link(of, treated_by.pk, at=at, ends_at=ends_at)


def signature(of: Holder, treated_by: Psychologist, *, at: datetime, **fields: Any) -> Signature:
    """A holder agreed to a child's care, by their link."""
    values: dict[str, Any] = {
        "matter": "care",
        "given": True,
        "text_version": 1,
        "name": f"{of.given_name} {of.family_name}",
        "how": "link",
        "signed_on": at.date(),
        "recorded_by": "anonymous",
        "recorded_by_account": None,
        "at": at,
    }
    signed = guardians.sign(of, treated_by.pk, **(values | fields))
    assert signed is not None
    return signed


def consents(child: Person, treated_by: Psychologist, *, at: datetime) -> list[Signature]:
    """Both parents agreed to a child's care by one psychologist."""
    return [signature(holder(child, at=at), treated_by, at=at) for _parent in range(2)]


def replacement(
    replaced: Psychologist, replacing: Psychologist, *, valid_from: date, valid_before: date
) -> Replacement:
    """Somebody does another's daily work on some days."""
    return Replacement.objects.create(
        replaced=replaced,
        replacing=replacing,
        valid_from=valid_from,
        valid_before=valid_before,
        recorded_by="system",
        recorded_at=noon(valid_from),
    )


def referral(owner: Person, *, written_on: date, referrer: str = "gp") -> Referral:
    """A doctor's letter."""
    return Referral.objects.create(person=owner, written_on=written_on, referrer=referrer)


def care_session(
    who: Person, where: PracticePlace, *, held_on: date, **fields: Any
) -> CareSession:
    """A follow-up that took place."""
    values: dict[str, Any] = FOLLOW_UP | {"price_cents": 5000, "recorded_at": noon(held_on)}
    return CareSession.objects.create(
        person=who,
        psychologist_id=where.psychologist_id,
        place=where,
        held_on=held_on,
        **(values | fields),
    )


def year(who: Person, civil_year: int) -> Year:
    """One person's civil year."""
    return Year.objects.create(person=who, civil_year=civil_year)


def seat(of: Year, number: int, cap: int | None, booked: Booking, **fields: Any) -> Seat:
    """A seat reserved by a booking."""
    return Seat.objects.create(
        year=of, number=number, cap=cap, kind=booked.kind, booking=booked, **fields
    )


def care_sheet(session: CareSession, *others: CareSession, **fields: Any) -> CareSheet:
    """A sheet signed by both, complete, issued on the day of the last of its sessions.

    ``act_code`` and ``price_cents`` are those of every line.
    """
    sessions = (session, *others)
    number = next(_serial)
    values: dict[str, Any] = {
        "number": f"FS-{number:06}",
        "issued_on": sessions[-1].held_on,
        "issued_at": sessions[-1].recorded_at,
        "amo_third_party": False,
        "signed_by_person": True,
        "signed_by_psychologist": True,
        "complete": True,
        "printed": "{}",
    }
    of_lines = {name: fields.pop(name) for name in ("act_code", "price_cents") if name in fields}
    sheet = CareSheet.objects.create(
        person_id=session.person_id,
        psychologist_id=session.psychologist_id,
        **(values | fields),
    )
    for position, each in enumerate(sessions, 1):
        line = {"act_code": "PSS", "price_cents": each.price_cents} | of_lines
        SheetLine.objects.create(care_sheet=sheet, position=position, care_session=each, **line)
    return sheet


def claim(sheet: CareSheet, *, received_on: date, position: int = 1, **fields: Any) -> Claim:
    """A line of a sheet that reached the fund at noon of a day."""
    number = next(_serial)
    values: dict[str, Any] = {
        "reference": f"D-{number:06}",
        "fund_code": FUND,
        "sent_by": "person",
        "received_at": noon(received_on),
    }
    return Claim.objects.create(
        care_sheet=sheet,
        care_session=sheet.lines.get(position=position).care_session,
        person_id=sheet.person_id,
        psychologist_id=sheet.psychologist_id,
        received_on=received_on,
        **(values | fields),
    )


def decision(of: Claim, *, accepted: bool = True, **fields: Any) -> Decision:
    """Accepted at 60 % and 40 %, or refused for the first reason of the list."""
    values: dict[str, Any] = {
        "decided_at": of.received_at,
        "profile": "operational",
        "accepted": accepted,
        "reasons": 0 if accepted else 1,
        "coverage": 1 if accepted else 0,
        "third_party": 0,
        "price_cents": 5000,
        "amo_cents": 3000 if accepted else 0,
        "amc_cents": 2000 if accepted else 0,
        "patient_cents": 0,
        "patient_upfront_cents": 5000,
        "used_before": 0,
        "used_after": 1 if accepted else 0,
        "law_version": "0" * 12,
        "facts": {},
        "terms": {},
    }
    return Decision.objects.create(claim=of, **(values | fields))


def event(of: Claim, mark: str = "ordered", **fields: Any) -> Event:
    """The fund's part of an ordinary session, ordered."""
    values: dict[str, Any] = {
        "payer": "fund",
        "cents": 3000,
        "reference": "O26-000001",
        "happened_at": of.received_at,
        "role": "fund_agent",
    }
    return Event.objects.create(claim=of, mark=mark, **(values | fields))


def contest(of: Decision, ground: str = "right_not_counted", **fields: Any) -> Contest:
    """The person does not agree with a decision."""
    values: dict[str, Any] = {"role": "person", "contested_at": of.decided_at}
    return Contest.objects.create(
        claim_id=of.claim_id, decision=of, ground=ground, **(values | fields)
    )


def contest_answer(of: Contest, verdict: str = "text_applies", **fields: Any) -> ContestAnswer:
    """What the fund answered."""
    values: dict[str, Any] = {"role": "fund_agent", "answered_at": of.contested_at}
    who = fields.pop("account", None) or account(role=Role.FUND_AGENT, fund_code="019990069")
    return ContestAnswer.objects.create(
        contest=of, verdict=verdict, account=who, **(values | fields)
    )


def review(of: Decision, *, ground: str = "record_says_so", **fields: Any) -> Review:
    """What somebody of the fund said of a refusal."""
    values: dict[str, Any] = {
        "sequence": 1 + Review.objects.filter(decision=of).count(),
        "role": Role.FUND_AGENT,
        "reviewed_at": of.decided_at,
    }
    if "account" not in fields:
        values["account"] = account(Role.FUND_AGENT)
    return Review.objects.create(decision=of, ground=ground, **(values | fields))


def entry(*, at: datetime, **fields: Any) -> Entry:
    """A line of the trace."""
    values: dict[str, Any] = {
        "actor_role": "fund_agent",
        "actor_account": None,
        "event": "claims.claim.opened",
        "object_kind": "claim",
        "object_id": "1",
    }
    return Entry.objects.get(pk=audit.write(at=at, **(values | fields)))


def account(role: str = Role.ADMINISTRATOR, **fields: Any) -> Account:
    """An account that signs in with the password ``password``."""
    number = next(_serial)
    values: dict[str, Any] = {"email": f"account.{number}@example.org", "role": role}
    return Account.objects.create_user(password="password", **(values | fields))


def noon(day: date) -> datetime:
    """Noon of a day, UTC."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def reread(row: Model) -> Any:
    """The same row as the database holds it."""
    return type(row)._default_manager.get(pk=row.pk)
