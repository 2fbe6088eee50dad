"""The care sheet field by field, in the order of the form S 3130: for the page and for paper.

It holds what the form asks, in our own words and layout: the pre-identified form is the State's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from soutien.doors.web.components.days import in_french, plain_day
from soutien.rules.money import euros

BLANK = "—"
NIR_GROUPS = (1, 3, 5, 7, 10, 13)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form; an empty one keeps its place. ``wide`` takes the whole line."""

    label: str
    value: str = BLANK
    wide: bool = False

    @property
    def blank(self) -> bool:
        return self.value == BLANK


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the form, ticked or not."""

    label: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form: fields, then a table, then boxes, whichever it has."""

    title: str
    fields: tuple[Field, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    boxes: tuple[Box, ...] = ()


def spaced_nir(nir: str) -> str:
    """« 2 90 05 00 123 456 77 », as on the certificate."""
    starts = (0, *NIR_GROUPS)
    ends = (*NIR_GROUPS, len(nir))
    return " ".join(nir[start:end] for start, end in zip(starts, ends, strict=True)).strip()


def sections_of(printed: Mapping[str, Any]) -> list[Section]:
    """The printed fields of a sheet as the sections of the form, in its order."""
    return [
        Section(
            _("Feuille"),
            (
                Field(_("Numéro de facture"), _text(printed["invoice_number"])),
                Field(_("Date"), _day(printed["issued_on"])),
            ),
        ),
        Section(_("Personne recevant les soins"), _patient(printed["patient"])),
        Section(_("Assuré, si ce n’est pas cette personne"), _insured(printed["insured"])),
        Section(
            _("Psychologue"),
            (*_psychologist(printed["psychologist"]), *_replacement(printed["replacement"])),
        ),
        Section(_("Structure"), *_structure(printed["structure"])),
        Section(_("Médecin ou sage-femme qui adresse"), _doctor(printed["doctor"])),
        Section(_("Conditions de prise en charge"), *_conditions(printed["conditions"])),
        _acts(printed["acts"], printed["total_cents"]),
        Section(
            _("Paiement"),
            boxes=(
                Box(
                    _("L’assuré n’a pas payé la part obligatoire"),
                    printed["amo_not_paid_by_insured"],
                ),
                Box(
                    _("L’assuré n’a pas payé la part complémentaire"),
                    printed["amc_not_paid_by_insured"],
                ),
            ),
        ),
        Section(
            _("Signatures"),
            boxes=(
                Box(_("Le psychologue a signé"), printed["signatures"]["psychologist"]),
                Box(_("La personne a signé"), printed["signatures"]["person"]),
                Box(_("Impossibilité de signer"), printed["signatures"]["cannot_sign"]),
            ),
        ),
    ]


def _text(value: object) -> str:
    return str(value).strip() or BLANK if value is not None else BLANK


def _day(iso: str | None) -> str:
    return plain_day(date.fromisoformat(iso)) if iso else BLANK


def _money(cents: int) -> str:
    return euros(cents, "fr" if in_french() else "en")


def _patient(patient: Mapping[str, Any]) -> tuple[Field, ...]:
    return (
        Field(_("Nom de famille"), _text(patient["family_name"])),
        Field(_("Prénoms"), _text(patient["given_names"])),
        Field(_("Numéro d’immatriculation"), spaced_nir(patient["nir"]) or BLANK),
        Field(_("Date de naissance"), _day(patient["birth_date"])),
        Field(_("Code de l’organisme de rattachement"), _text(patient["fund_code"]), wide=True),
    )


def _insured(insured: Mapping[str, Any] | None) -> tuple[Field, ...]:
    told = insured or {}
    return (
        Field(_("Nom et prénom"), _text(told.get("name"))),
        Field(_("Numéro d’immatriculation"), spaced_nir(told.get("nir", "")) or BLANK),
        Field(_("Adresse"), _text(told.get("address")), wide=True),
    )


def _psychologist(told: Mapping[str, Any]) -> tuple[Field, ...]:
    return (
        Field(_("Nom et prénom"), _text(f"{told['family_name']} {told['given_name']}"), wide=True),
        Field(_("Numéro d’Assurance Maladie"), _text(told["am_number"])),
        Field(_("Numéro RPPS"), _text(told["rpps"])),
    )


def _replacement(replacement: Mapping[str, Any] | None) -> tuple[Field, ...]:
    told = replacement or {}
    return (
        Field(_("Remplaçant : nom"), _text(told.get("name"))),
        Field(_("Remplaçant : identifiant"), _text(told.get("identifier"))),
    )


def _structure(
    told: Mapping[str, Any],
) -> tuple[tuple[Field, ...], tuple[str, ...], tuple[tuple[str, ...], ...], tuple[Box, ...]]:
    fields = (
        Field(_("Raison sociale"), _text(told["label"])),
        Field(_("Numéro FINESS"), _text(told["finess"])),
        Field(_("Adresse"), _text(told["address"]), wide=True),
    )
    boxes = (Box(_("Exercice coordonné"), told["coordinated_practice"]),)
    return fields, (), (), boxes


def _doctor(doctor: Mapping[str, Any] | None) -> tuple[Field, ...]:
    told = doctor or {}
    return (
        Field(_("Nom et prénom"), _text(told.get("name"))),
        Field(_("Identifiant"), _text(told.get("identifier"))),
        Field(_("Structure"), _text(told.get("structure"))),
        Field(_("Numéro de la structure"), _text(told.get("structure_number"))),
    )


def _conditions(
    told: Mapping[str, Any],
) -> tuple[tuple[Field, ...], tuple[str, ...], tuple[tuple[str, ...], ...], tuple[Box, ...]]:
    fields = (
        Field(_("Date de la lettre d’adressage"), _day(told["referral_letter_on"])),
        Field(_("Date de l’accident causé par un tiers"), _day(told["third_party_accident_on"])),
        Field(_("Début de grossesse ou accouchement"), _day(told["pregnancy_or_delivery_on"])),
        Field(_("Numéro ou date de l’accident du travail"), _text(told["at_mp_reference"])),
    )
    boxes = (
        Box(_("Maladie : protocole ALD"), told["ald_protocol"]),
        Box(_("Maladie : autre exonération"), told["other_exemption"]),
        Box(_("Accident causé par un tiers"), told["third_party_accident"]),
        Box(_("Soins de l’article L. 212-1"), told["war_pension"]),
        Box(_("Maternité"), told["maternity"]),
        Box(_("Accident du travail ou maladie professionnelle"), told["at_mp"]),
    )
    return fields, (), (), boxes


def _acts(acts: Sequence[Mapping[str, Any]], total_cents: int) -> Section:
    return Section(
        _("Actes"),
        header=(_("Date"), _("Code de l’acte"), _("Tarif"), _("Honoraires")),
        rows=(
            *(
                (
                    _day(act["date"]),
                    _text(act["code"]),
                    _money(act["tariff_cents"]),
                    _money(act["fee_cents"]),
                )
                for act in acts
            ),
            (_("Total"), "", "", _money(total_cents)),
        ),
    )
