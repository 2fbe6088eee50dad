"""A decision with its proof, in words: the facts it was taken on, the terms used, the trail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from soutien.doors.web.components.beads import Beads, beads_of_year
from soutien.doors.web.components.days import clock, in_french, local, plain_day
from soutien.doors.web.components.parts import Event
from soutien.doors.web.own_data.words import SAID
from soutien.doors.web.public.money_pages import written_value
from soutien.rules.answer import Answer
from soutien.rules.calendar import NEVER, NO_DAY, civil_date
from soutien.rules.codes import (
    ActCode,
    ExemptionKind,
    LinkedTo,
    Profile,
    Reason,
    Referrer,
    word,
    words,
)
from soutien.rules.facts import Past, SessionFacts
from soutien.rules.money import euros
from soutien.rules.review import Ground
from soutien.steps import gather
from soutien.steps.views import ClaimView, TrailLine

PARIS = "Europe/Paris"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing the decision was taken on."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class TermUsed:
    """A term of the law in force on the day, with the text it comes from."""

    title: str
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Counter:
    """The person's year before and after this claim; ``used`` counts paid sessions."""

    before: Beads
    after: Beads


def language() -> str:
    """``fr`` or ``en``."""
    return "fr" if in_french() else "en"


def _day(day: int) -> str:
    return "—" if day in (NO_DAY, NEVER) else plain_day(civil_date(day))


def _yes(value: int) -> str:
    return _("oui") if value else _("non")


def _exemptions(bits: int) -> str:
    names = {
        "css": _("complémentaire santé solidaire"),
        "ame": _("aide médicale de l’État"),
        "ald": _("affection de longue durée"),
        "maternity": _("maternité"),
        "at_mp": _("accident du travail, maladie professionnelle"),
        "invalidity": _("invalidité"),
    }
    return ", ".join(names[kind] for kind in words(ExemptionKind(bits))) or _("aucune")


def _link(code: int) -> str:
    return {
        LinkedTo.NONE: _("rien"),
        LinkedTo.ALD: _("affection de longue durée"),
        LinkedTo.MATERNITY: _("maternité"),
        LinkedTo.AT_MP: _("accident du travail, maladie professionnelle"),
        LinkedTo.THIRD_PARTY_ACCIDENT: _("accident causé par un tiers"),
    }[LinkedTo(code)]


def _referrer(code: int) -> str:
    return {
        Referrer.NONE: _("aucun"),
        Referrer.GP: _("médecin traitant ou généraliste"),
        Referrer.HOSPITAL_DOCTOR: _("médecin hospitalier"),
        Referrer.SPECIALIST_DOCTOR: _("médecin spécialiste"),
        Referrer.SCHOOL_DOCTOR: _("médecin scolaire"),
        Referrer.STUDENT_HEALTH_DOCTOR: _("médecin de santé étudiante"),
        Referrer.OCCUPATIONAL_DOCTOR: _("médecin du travail"),
        Referrer.MIDWIFE: _("sage-femme"),
        Referrer.SCHOOL_NURSE: _("infirmier scolaire"),
        Referrer.OTHER: _("un autre auteur"),
    }[Referrer(code)]


def _of_the_session(told: SessionFacts) -> list[Fact]:
    act = ActCode(told.act_code)
    return [
        Fact(_("Jour de la séance"), _day(told.day)),
        Fact(_("Séance"), _("évaluation") if told.evaluation else _("suivi")),
        Fact(_("Tenue"), _("en visio") if told.remote else _("au cabinet")),
        Fact(_("Code de l’acte"), "—" if act is ActCode.NONE else act.name),
        Fact(_("Prix demandé"), euros(told.price_cents, language())),
        Fact(_("Séance réalisée"), _yes(told.performed)),
        Fact(_("Feuille complète"), _yes(told.sheet_complete)),
        Fact(_("Reçue le"), _day(told.received_on)),
        Fact(_("Recevable avant le"), _day(told.barred_from)),
        Fact(_("Tiers payant demandé"), _yes(told.third_party_requested)),
        Fact(_("Déclarée liée à"), _link(told.linked_to)),
        Fact(_("Prescrite"), _yes(told.prescribed)),
    ]


def _of_the_person(told: SessionFacts) -> list[Fact]:
    # Whether a psychiatric situation was found is never listed: a reason says it where it counts.
    return [
        Fact(_("Âge minimal atteint le"), _day(told.aged_enough_on)),
        Fact(_("Majorité le"), _day(told.adult_on)),
        Fact(_("Affiliation ce jour-là"), _yes(told.affiliated)),
        Fact(_("Régime local d’Alsace-Moselle"), _yes(told.local_regime)),
        Fact(_("Exonérations ouvertes"), _exemptions(told.exemptions)),
        Fact(_("Complémentaire santé solidaire finie récemment"), _yes(told.former_css)),
        Fact(_("Contrat responsable"), _yes(told.complementary)),
        Fact(_("Courrier d’adressage"), _referrer(told.referrer)),
        Fact(_("Courrier du"), _day(told.referral_day)),
    ]


def _of_the_psychologist(told: SessionFacts) -> list[Fact]:
    return [
        Fact(_("Sous convention ce jour-là"), _yes(told.under_agreement)),
        Fact(_("Convention suspendue"), _yes(told.suspended)),
        Fact(_("Centre de santé"), _yes(told.health_centre)),
    ]


def _of_the_past(told: Past) -> list[Fact]:
    return [
        Fact(_("Séances payées cette année"), str(told.used_this_year)),
        Fact(_("Évaluations payées cette année"), str(told.evaluations_this_year)),
        Fact(_("Évaluation l’année précédente"), _yes(told.evaluated_year_before)),
        Fact(_("Autre séance le même jour"), _yes(told.same_day)),
        Fact(_("Même séance déjà payée"), _yes(told.duplicate)),
        Fact(_("Payée aussi par un autre dispositif"), _yes(told.double_funded)),
    ]


def facts_of(answered: Answer) -> list[tuple[str, list[Fact]]]:
    """What the decision was taken on, in groups."""
    session = answered.session
    return [
        (_("La séance"), _of_the_session(session)),
        (_("La personne, ce jour-là"), _of_the_person(session)),
        (_("Le psychologue, ce jour-là"), _of_the_psychologist(session)),
        (_("Les séances d’avant"), _of_the_past(answered.past)),
    ]


def terms_of(answered: Answer) -> list[TermUsed]:
    """The terms of the law in force on the day of the session, as they were used."""
    day = max(civil_date(answered.session.day), answered.law.starts_on)
    used = []
    for name, number in answered.terms._asdict().items():
        term = answered.law.terms[name]
        value = term.value_on(day, answered.profile)
        used.append(
            TermUsed(
                term.title(language()),
                written_value(term, replace(value, number=number)),
                value.law,
            )
        )
    return used


def counter_of(claim: ClaimView) -> Counter | None:
    """The beads before and after the decision; None where the facts were not kept."""
    answered = claim.answer
    if answered is None:
        return None
    cap = None if claim.sessions_left is None else answered.terms.sessions_per_year_max
    evaluated = answered.past.evaluations_this_year > 0
    opened = evaluated or bool(claim.accepted and answered.session.evaluation)
    year = claim.held_on.year

    def beads(used: int, evaluation: bool, refused: int = 0) -> Beads:
        return beads_of_year(
            civil_year=year,
            cap=cap,
            used=used,
            booked=0,
            refused=refused,
            evaluation_taken=evaluation,
        )

    return Counter(
        beads(claim.used_before, evaluated),
        beads(claim.used_after, opened, refused=int(not claim.accepted)),
    )


def profile_in_words(profile: Profile) -> str:
    """Which reading of the law a decision was taken under."""
    return {Profile.OPERATIONAL: _("pratique des caisses"), Profile.LEGAL: _("texte strict")}[
        profile
    ]


def role_in_words(role: str) -> str:
    """Who did something."""
    return {
        "person": _("la personne"),
        "psychologist": _("le psychologue"),
        "fund_agent": _("un agent de la caisse"),
        "fund_supervisor": _("un responsable de la caisse"),
        "system": _("Soutien"),
    }.get(role, role)


def _event_in_words(event: str) -> str:
    return {
        "care.session.held": _("Séance terminée, feuille établie"),
        "claims.claim.sent": _("Feuille envoyée à la caisse"),
        "claims.claim.cancelled": _("Demande annulée"),
        "claims.claim.compared": _("Décisions comparées"),
        "claims.claim.decided_again": _("Demande décidée à nouveau"),
        "claims.claim.entered": _("Feuille sur papier saisie"),
        "claims.claim.opened": _("Demande consultée"),
        "claims.claim.reviewed": _("Refus relu par une personne"),
        "claims.sheet.opened": _("Feuille consultée"),
    }.get(event, event)


def _moment(line: TrailLine) -> str:
    day = plain_day(local(line.at, PARIS).date())
    return _("%(day)s à %(clock)s") % {"day": day, "clock": clock(line.at)}


def trail_of(claim: ClaimView) -> list[Event]:
    """Who did what with this claim, in order; one day's looks by the same role are told once."""
    events: list[Event] = []
    for lines in _together(claim.trail):
        first = lines[0]
        who = role_in_words(first.role)
        times = ngettext("%(n)s fois", "%(n)s fois", len(lines)) % {"n": len(lines)}
        events.append(
            Event(
                _moment(first),
                _event_in_words(first.event),
                f"{who}, {times}" if len(lines) > 1 else who,
                "" if _is_look(first) else "done",
            )
        )
        if first.event == "claims.claim.sent" and claim.decided_at is not None:
            events.append(_decided(claim, first))
    return events


def _is_look(line: TrailLine) -> bool:
    return line.event.endswith(".opened")


def _together(trail: Iterable[TrailLine]) -> list[list[TrailLine]]:
    """Each act alone; the looks of one day, one role and one thing with the first of them."""
    groups: list[list[TrailLine]] = []
    looks: dict[tuple[date, str, str], list[TrailLine]] = {}
    for line in trail:
        key = (local(line.at, PARIS).date(), line.event, line.role)
        if _is_look(line) and key in looks:
            looks[key].append(line)
            continue
        groups.append([line])
        if _is_look(line):
            looks[key] = groups[-1]
    return groups


def _decided(claim: ClaimView, sent: TrailLine) -> Event:
    accepted = bool(claim.accepted)
    title = _("Demande acceptée") if accepted else _("Demande refusée")
    if claim.awaiting:
        title = _("Refus à confirmer par une personne")
    moment = TrailLine(claim.decided_at or sent.at, "", "")
    return Event(
        _moment(moment), title, role_in_words("system"), "done" if accepted else "refused"
    )


def reviews_of(claim: ClaimView) -> list[Event]:
    """What each person who read a refusal said of it, in order."""
    return [
        Event(
            _moment(TrailLine(line.at, "", "")),
            str(SAID[gather.code(Ground, line.ground)]),
            _("vous") if line.mine else role_in_words(line.role),
            "done",
        )
        for line in claim.reviews
    ]


def needs_confirming(reasons: Sequence[str]) -> bool:
    """Whether one of the reasons is told to the person only after somebody confirmed it."""
    return word(Reason.NON_INCLUSION_PSYCHIATRIC) in reasons
