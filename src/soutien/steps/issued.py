"""The care sheet S 3130: its lines, its boxes, its printed fields. Nothing wrong is issued."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from soutien.registers.care.models import CareSession
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import LINES_A_SHEET, CareSheet, SheetLine
from soutien.registers.people import queries as people
from soutien.registers.writings import queries as writings
from soutien.rules.answer import Answer, answer
from soutien.rules.codes import Coverage, LinkedTo, Practice, ThirdParty, word
from soutien.rules.dossier import Dossier
from soutien.steps import gather
from soutien.steps.errors import Refusal


@dataclass(frozen=True, slots=True)
class Signatures:
    """Who signed; ``cannot_sign`` is the box of the form for a person unable to."""

    person: bool
    psychologist: bool
    cannot_sign: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A session on its sheet, with what the law says of it today."""

    session: CareSession
    dossier: Dossier
    answered: Answer
    replaces: SheetLine | None = None

    @property
    def third_party(self) -> int:
        return self.answered.decision.third_party


def line_of(
    session: CareSession, third_party_requested: bool, *, replaces: SheetLine | None = None
) -> Line:
    """A session that was held already, as the law sees it now."""
    dossier = gather.dossier(
        person_id=session.person_id,
        session=gather.planned(
            psychologist_id=session.psychologist_id,
            kind=session.kind,
            modality=session.modality,
            held_on=session.held_on,
            linked_to=session.linked_to,
            prescribed=session.prescribed,
            third_party_requested=third_party_requested,
        ),
        practice=session.place.practice,
        reading=gather.Reading.ISSUING,
        booking_id=session.booking_id,
        care_session_id=session.pk,
    )
    return Line(session, dossier, answer(dossier, gather.law()), replaces)


def refuse_unless_signed(signatures: Signatures) -> None:
    """Both sign; for a person who cannot, the form has a box."""
    if not (signatures.person or signatures.cannot_sign) or not signatures.psychologist:
        raise Refusal("signature_missing", fields=("signatures",))


def issue(
    lines: Sequence[Line],
    signatures: Signatures,
    *,
    at: datetime,
    number_of: CareSession,
    replacement: dict[str, str] | None,
) -> CareSheet:
    """The sheet of these sessions, in the order of the form; numbered after one of them.

    ``replacement`` is who held them in the psychologist's place.

    Refuses what no sheet can say: more lines than the form has, lines that differ in what
    stands once for all of them, and whatever the law would refuse of any.
    """
    refuse_unless_signed(signatures)
    if len(lines) > LINES_A_SHEET:
        raise Refusal("lines_too_many", most=LINES_A_SHEET)
    for line in lines:
        if line.answered.decision.reasons:
            raise Refusal("law_refuses", answer=line.answered)
    if any(_in_common(line) != _in_common(lines[0]) for line in lines):
        raise Refusal("lines_differ")
    first = lines[0]
    issued_on = gather.civil_day(at, first.session.place.time_zone)
    before = claims.sheets_so_far(number_of.pk)
    sheet = CareSheet(
        number=f"S{issued_on:%y}-{number_of.pk:06d}" + (f"-{before + 1}" if before else ""),
        person_id=first.session.person_id,
        psychologist_id=first.session.psychologist_id,
        issued_on=issued_on,
        issued_at=at,
        amo_third_party=first.third_party != ThirdParty.NONE,
        amc_third_party=first.third_party == ThirdParty.FULL,
        signed_by_person=signatures.person,
        signed_by_psychologist=signatures.psychologist,
        complete=True,
    )
    sheet.printed = json.dumps(printed(sheet, lines, signatures, replacement), ensure_ascii=False)
    sheet.save()
    SheetLine.objects.bulk_create(
        SheetLine(
            care_sheet=sheet,
            position=position,
            care_session=line.session,
            act_code=line.dossier.claim.act_code.name,
            price_cents=line.session.price_cents,
            replaces=line.replaces,
        )
        for position, line in enumerate(lines, 1)
    )
    return sheet


def _in_common(line: Line) -> tuple[object, ...]:
    """What the form has once: who, where, why, and who pays on the spot."""
    session = line.session
    letter = line.dossier.referral
    return (
        (session.person_id, session.psychologist_id, session.place_id),
        (session.linked_to, letter.written_on if letter else None),
        (line.third_party, _fund_code(session), _other_exemption(line)),
    )


def _fund_code(session: CareSession) -> str:
    affiliation = people.affiliation_on(session.person_id, session.held_on)
    return affiliation.fund_code if affiliation else ""


def _other_exemption(line: Line) -> bool:
    return line.answered.decision.coverage == Coverage.FULL_COVERAGE_INVALIDITY


def replacement_on(sheet: CareSheet) -> dict[str, str] | None:
    """Who held the sessions of a sheet in the psychologist's place, as it was printed."""
    told: dict[str, str] | None
    told = json.loads(sheet.printed).get("replacement") if sheet.printed else None
    return told


def printed(
    sheet: CareSheet,
    lines: Sequence[Line],
    signatures: Signatures,
    replacement: dict[str, str] | None,
) -> dict[str, Any]:
    """All fields of S 3130, in the order of the form; what does not apply is null or false."""
    session, dossier = lines[0].session, lines[0].dossier
    place, psychologist = session.place, session.psychologist
    person = people.with_rights(session.person_id)
    linked = gather.code(LinkedTo, session.linked_to or "none")
    in_structure = place.practice != word(Practice.LIBERAL)
    return {
        "form": "S 3130",
        "cerfa": "16208*01",
        "invoice_number": sheet.number,
        "issued_on": sheet.issued_on.isoformat(),
        "patient": {
            "family_name": person.family_name,
            "given_names": person.given_name,
            "nir": person.nir,
            "birth_date": person.birth_date,
            "fund_code": _fund_code(session),
        },
        "insured": None,
        "psychologist": {
            "family_name": psychologist.family_name,
            "given_name": psychologist.given_name,
            "am_number": psychologist.am_number,
            "rpps": psychologist.rpps,
        },
        "replacement": replacement,
        "structure": {
            "finess": place.finess,
            "label": place.label,
            "address": f"{place.address_line}, {place.postcode} {place.town_name}",
            "coordinated_practice": in_structure,
        },
        "doctor": _doctor(session.person_id, dossier),
        "conditions": {
            "referral_letter_on": dossier.referral.written_on.isoformat()
            if dossier.referral
            else None,
            "ald_protocol": linked is LinkedTo.ALD,
            "other_exemption": _other_exemption(lines[0]),
            "third_party_accident": linked is LinkedTo.THIRD_PARTY_ACCIDENT,
            "third_party_accident_on": None,
            "war_pension": False,
            "maternity": linked is LinkedTo.MATERNITY,
            "pregnancy_or_delivery_on": None,
            "at_mp": linked is LinkedTo.AT_MP,
            "at_mp_reference": None,
        },
        "acts": [
            {
                "date": line.session.held_on.isoformat(),
                "code": line.dossier.claim.act_code.name,
                "tariff_cents": line.session.price_cents,
                "fee_cents": line.session.price_cents,
            }
            for line in lines
        ],
        "total_cents": sum(line.session.price_cents for line in lines),
        "amo_not_paid_by_insured": sheet.amo_third_party,
        "amc_not_paid_by_insured": sheet.amc_third_party,
        "signatures": asdict(signatures),
    }


def _doctor(person_id: int, dossier: Dossier) -> dict[str, str] | None:
    """Who referred, as the letter of that day says it; None when it was not received here."""
    if dossier.referral is None:
        return None
    said = writings.referral_of_day(person_id, dossier.referral.written_on)
    return said and {
        "name": said["doctor"],
        "identifier": said["number"],
        "structure": said["structure"],
        "structure_number": "",
    }
