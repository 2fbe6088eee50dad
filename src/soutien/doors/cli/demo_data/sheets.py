"""The printed fields of a care sheet, as steps/issued.py writes them."""

from __future__ import annotations

import json
from typing import Any

from soutien.doors.cli.demo_data.care import IssuedSheet
from soutien.rules.codes import Coverage, LinkedTo, Practice, word
from soutien.steps.gather import code


def number(issued: IssuedSheet) -> str:
    """The sheet's number; its session must be stored before."""
    return f"S{issued.row.issued_on:%y}-{issued.line.care_session.pk:06d}"


def printed(issued: IssuedSheet) -> str:
    """All fields of S 3130, in the order of the form, as JSON."""
    return json.dumps(_fields(issued), ensure_ascii=False)


def _fields(issued: IssuedSheet) -> dict[str, Any]:
    sheet, person = issued.row, issued.individual.person
    session, psychologist = issued.line.care_session, sheet.psychologist
    place = session.place
    affiliation = issued.individual.affiliation_on(session.held_on)
    linked = code(LinkedTo, session.linked_to or "none")
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
            "fund_code": affiliation.fund_code if affiliation else "",
        },
        "insured": None,
        "psychologist": {
            "family_name": psychologist.family_name,
            "given_name": psychologist.given_name,
            "am_number": psychologist.am_number,
            "rpps": psychologist.rpps,
        },
        "replacement": None,
        "structure": {
            "finess": place.finess,
            "label": place.label,
            "address": f"{place.address_line}, {place.postcode} {place.town_name}",
            "coordinated_practice": place.practice != word(Practice.LIBERAL),
        },
        "doctor": None,
        "conditions": {
            "referral_letter_on": issued.letter.written_on.isoformat() if issued.letter else None,
            "ald_protocol": linked is LinkedTo.ALD,
            "other_exemption": issued.answered.decision.coverage
            == Coverage.FULL_COVERAGE_INVALIDITY,
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
                "date": session.held_on.isoformat(),
                "code": issued.line.act_code,
                "tariff_cents": session.price_cents,
                "fee_cents": issued.line.price_cents,
            }
        ],
        "total_cents": issued.line.price_cents,
        "amo_not_paid_by_insured": sheet.amo_third_party,
        "amc_not_paid_by_insured": sheet.amc_third_party,
        "signatures": {
            "person": sheet.signed_by_person,
            "psychologist": sheet.signed_by_psychologist,
            "cannot_sign": False,
        },
    }
