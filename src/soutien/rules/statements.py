"""Sentences that state a figure or a duty of the law, and those that state it wrongly.

A page about the programme says how many sessions, at what price, whether a doctor must send the
person, who advances what, which share is whose, from what age. Each such sentence is compared
with the terms in force: a value that was right before is named with the day it ended; one that
never was is named too. What tells of the past, or of something else, is left alone: a sentence is
only found when its own words say which figure it states. Nothing here corrects by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from soutien.rules.calendar import civil_date
from soutien.rules.codes import Profile
from soutien.rules.money import share_cents
from soutien.rules.quoted import quoted, shown
from soutien.rules.terms import Law, Term, Terms, Value

WHOLE = 100
LONGEST, _NEAR = 600, 40
_FLAGS = re.IGNORECASE


class Finding(NamedTuple):
    """A sentence that does not say what the law says.

    ``said`` are its words, ``term`` the term it is about, ``right`` what it would say today in
    words, ``since`` the day from which the law says otherwise (None: it never said so), and
    ``proposal`` a sentence to write instead, whose figures stay up to date; ``instead`` is that
    sentence as it is read on the day.
    """

    sentence: str
    said: str
    term: str
    title: str
    right: str
    since: date | None
    rules: tuple[str, ...]
    law: str
    proposal: str
    instead: str
    caution: str


class _Claim(NamedTuple):
    """What a sentence states: a term, the words, and the value as a number of the term's unit."""

    term: str
    said: str
    number: int


_NUMBERS = {
    "fr": (
        *("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze"),
        *("douze", "treize", "quatorze", "quinze", "seize"),
    ),
    "en": (
        *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
        *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"),
    ),
}
_AS_NUMBER = {
    word: number for words in _NUMBERS.values() for number, word in enumerate(words, start=1)
}
_N = r"(?P<n>\d{1,3}|" + "|".join(sorted(_AS_NUMBER, key=len, reverse=True)) + ")"

# What the page must be about before any sentence of it is read as one of the programme.
_NAMED = re.compile(
    r"mon\s{0,3}soutien\s{0,3}psy|mon\s{0,3}parcours\s{0,3}psy|\bmon\s?psy\b", _FLAGS
)
_PAID_FOR = re.compile(
    r"rembours|pris\w{0,3} en charge|assurance maladie|sécurité sociale|reimburs|covered"
    r"|health insurance",
    _FLAGS,
)
# It tells what was, or what is not said of the programme.
_PAST = re.compile(
    r"\b(étai(t|ent)|fallait|devai(t|ent)|coûtai(t|ent)|pouvai(t|ent)|auparavant|autrefois"
    r"|jadis|à l’origine|à l'origine|à l’époque|à l'époque|jusqu’(en|au)|jusqu'(en|au)|avant (le|"
    r"l’|l'|juin|mai|octobre|20\d\d)|ancienne?s?|n’(est|existe) plus|n'(est|existe) plus"
    r"|was|were|used to|formerly|until|before (june|may|october|20\d\d)|had to)\b",
    _FLAGS,
)
_NOT = re.compile(
    r"\b(pas|plus|sans|aucune?|ni|inutile|facultati\w+|n’est plus|non obligatoire|dispensé\w*"
    r"|rien|not|no|without|never|nothing|longer|optional|nobody|neither|don[’']t|needn[’']t)\b",
    _FLAGS,
)
_LIMIT = re.compile(
    r"jusqu[’']à|maximum|maximal|au plus|dans la limite|limité|par an\b|par année|chaque année"
    r"|annuel|civile|forfait|bénéfici|remboursé|pris(es)? en charge|droit à|accompagnement"
    r"|up to|at most|per (calendar |civil )?year|a year|each year|every year|entitled|covered"
    r"|reimbursed|limited to",
    _FLAGS,
)
_RHYTHM = re.compile(
    r"par (semaine|mois|jour)|chaque (semaine|mois)|per (week|month|day)|a (week|month)\b", _FLAGS
)
_COUNTED = re.compile(
    _N
    + r"\s+(?:premières?\s+|autres\s+|further\s+|more\s+)?"
    + r"(?P<kind>(?:follow[- ]?up|evaluation|assessment)\s+)?"
    + r"(?:séances?|consultations?|rendez-vous|entretiens?|sessions?|appointments?)\b"
    + r"(?P<of>\s+(?:de\s+|d’|d'|of\s+|for\s+)[\w-]{1,40})?",
    _FLAGS,
)
# « Séances de suivi » are ours, « séances de cinéma » are not.
_OURS = re.compile(
    r"suivi|soutien|psycholog|psychothérap|accompagnement|thérap|évaluation|bilan|follow|support"
    r"|therapy|evaluation|assessment",
    _FLAGS,
)
_EVALUATION = re.compile(r"évaluation|bilan|assessment|evaluation", _FLAGS)
_FOLLOW_UP = re.compile(r"suivi|follow[- ]?ups?|suivantes|after (the )?(first|evaluation)", _FLAGS)
_AMOUNT = re.compile(r"(?P<n>\d{1,4})(?:[.,](?P<c>\d\d))?\s*(?:€|euros?\b|eur\b)", _FLAGS)
_EUROS_FIRST = re.compile(r"€\s*(?P<n>\d{1,4})(?:[.,](?P<c>\d\d))?", _FLAGS)
_SESSION = re.compile(
    r"séance|consultation|entretien|session|psycholog|évaluation|appointment|suivi", _FLAGS
)
_PRICE = re.compile(
    r"coût|tarif|prix|facturé|payer|payez|réglez|régler|par séance|la séance|chaque séance"
    r"|cost|price|fee|pay\b|per session|each session|charged",
    _FLAGS,
)
# « Vous payez 20 € » may be what is left; « coûte 20 € » is not.
_IS_A_PRICE = re.compile(r"coût|tarif|prix|factur|cost|price|\bfees?\b|charged", _FLAGS)
_SHARE = re.compile(
    r"rembours|part\b|pris\w* en charge|reste|complémentaire|mutuelle|reimburs|share|remaining"
    r"|covers|left to|à votre charge|hors dispositif|tarif libre|honoraires libres|en libéral",
    _FLAGS,
)
_DOCTOR = re.compile(
    r"ordonnance|prescription|prescri(t|re)|adress(é|age)|lettre|courrier|orient(é|ation)"
    r"|passer par|consulter (d’abord |d'abord |préalablement )?(votre|un|le|son) médecin"
    r"|consultez (d’abord |d'abord )?votre médecin|voir (d’abord |d'abord )?(votre|un|son) médecin"
    r"|referral|referred|prescribed|see (your|a) (doctor|gp)",
    _FLAGS,
)
_MEDICAL = re.compile(r"médecin|docteur|généraliste|doctor|\bgp\b|médical", _FLAGS)
_DUTY = re.compile(
    r"obligatoire|nécessaire|indispensable|il faut|devez|doit|doivent|requis|exigé|préalable"
    r"|uniquement|seulement|sur (prescription|ordonnance)|d’abord|d'abord|au préalable|avec une"
    r" ordonnance|compulsory|required|must|needed|need to|mandatory|only (with|on|after)|first",
    _FLAGS,
)
# What somebody may do is no duty.
_MAY = re.compile(
    r"\b(pouve[zr]|peut|peuvent|pourr\w+|si vous|souhait\w+|conseil\w+|may|can|could|if you"
    r"|wish|advis\w+)\b",
    _FLAGS,
)
_ADVANCE = re.compile(
    r"avanc(e|er|ez|ent) (les |des |de |la totalité|l[’']intégralité|vos |tous les |l[’']ensemble)"
    r"|faire l[’']avance|(réglez|payez|régler|payer) (la totalité|l[’']intégralité|tout|la séance"
    r" (au|entière|complète|puis|et))|(puis|ensuite|après)[^.]{0,60}rembours\w+[^.]{0,40}(\d+ ?%|"
    r"assurance maladie|sécurité sociale)|pay (the whole|in full|everything|upfront|up front)"
    r"|advance the (cost|whole|fee)|pay .{0,40}(then|and) (are|be|get) reimbursed",
    _FLAGS,
)
_NO_ADVANCE = re.compile(
    r"(sans|rien à|pas (à|d[’']|besoin d[’']))\s*avanc|pas d[’']avance|dispens\w+ d[’']avance"
    r"|nothing to advance|no advance|nothing up ?front",
    _FLAGS,
)
_PERCENT = re.compile(r"(?P<n>\d{1,3})\s*%")
_INSURER = re.compile(
    r"assurance maladie|sécurité sociale|caisse|\bcpam\b|\bsécu\b|mutuelle|complémentaire"
    r"|health insurance|fund|insurer",
    _FLAGS,
)
_PAYS = re.compile(r"rembours|charge|pai|pay|cover|reimb|reste", _FLAGS)
_AGE = re.compile(
    r"(?:à partir de|dès|âgée?s? d’au moins|âgée?s? d'au moins|plus de|from the age of|aged|from"
    r"|over)\s+(?:l[’']âge de\s+)?" + _N + r"\s*(?:ans|years?|and over)?",
    _FLAGS,
)
_OPEN_TO = re.compile(
    r"ouvert|accessible|concerne|bénéfici|s[’']adresse|destiné|toute personne|enfant|âgé|open to"
    r"|available|anyone|everyone|children|for people|aged",
    _FLAGS,
)
_OF_AGE = re.compile(
    r"majorité|majeur|seule?s?\b|accord|parent|autorité|adult|alone|consent|vidéo|video",
    _FLAGS,
)

_PROPOSALS = {
    "sessions_per_year_max": (
        "Vous avez droit à {{ terme “sessions_per_year_max” }} séances au plus par année civile, "
        "séance d’évaluation comprise.",
        "You are entitled to {{ terme “sessions_per_year_max” }} sessions at most per calendar "
        "year, evaluation included.",
    ),
    "evaluations_per_year_max": (
        "La première séance est une évaluation : {{ terme “evaluations_per_year_max” }} par année "
        "civile.",
        "The first session is an evaluation: {{ terme “evaluations_per_year_max” }} per calendar "
        "year.",
    ),
    "evaluation_fee_cents": (
        "La séance d’évaluation coûte {{ terme “evaluation_fee_cents” }}, sans dépassement.",
        "The evaluation session costs {{ terme “evaluation_fee_cents” }}, and never more.",
    ),
    "follow_up_fee_cents": (
        "Chaque séance coûte {{ terme “follow_up_fee_cents” }}, sans dépassement.",
        "Each session costs {{ terme “follow_up_fee_cents” }}, and never more.",
    ),
    "referral_required": (
        "Vous pouvez prendre rendez-vous directement : aucun courrier de médecin n’est "
        "obligatoire.",
        "You can book directly: no letter from a doctor is required.",
    ),
    "amo_third_party_from": (
        "Depuis le {{ terme “amo_third_party_from” }}, vous n’avancez plus la part de l’Assurance "
        "Maladie.",
        "Since {{ terme “amo_third_party_from” }}, you no longer advance the share of the "
        "Assurance Maladie.",
    ),
    "amo_rate_percent": (
        "L’Assurance Maladie paie {{ terme “amo_rate_percent” }} de la séance ; votre "
        "complémentaire peut payer le reste.",
        "The Assurance Maladie pays {{ terme “amo_rate_percent” }} of the session; your "
        "complementary insurer may pay the rest.",
    ),
    "age_years_min": (
        "Le dispositif est ouvert dès {{ terme “age_years_min” }} ans.",
        "The programme is open from the age of {{ terme “age_years_min” }}.",
    ),
}
_WORDS = {
    ("referral_required", 0): ("aucun courrier n’est obligatoire", "no letter is required"),
    ("referral_required", 1): ("un courrier est obligatoire", "a letter is required"),
    ("advance", 0): ("cette part n’est plus avancée", "this share is no longer advanced"),
    ("advance", 1): ("cette part est avancée", "this share is advanced"),
}


def about_the_programme(text: str) -> bool:
    """Whether a page speaks of the programme at all."""
    if _NAMED.search(text):
        return True
    return "psycholog" in text.lower() and _PAID_FOR.search(text) is not None


def sentences(text: str) -> list[str]:
    """The sentences of a text in Markdown, in plain words, in order."""
    told = re.sub(r"\[([^\[\]\n]{0,300})\]\([^()\n]{0,600}\)", r"\1", text)
    told = re.sub(r"(?m)^[ \t]{0,9}(?:[#>]{1,6}|[-*+]|\d{1,3}[.)])[ \t]{1,9}", "", told)
    told = re.sub(r"[*_`|]+", " ", told).replace("\u202f", " ").replace("\u00a0", " ")
    found: list[str] = []
    for line in told.splitlines():
        for one in re.split(r"(?<=[.!?…])\s(?=[A-ZÀ-Ý0-9«“])", " ".join(line.split())):
            # What never ends is no sentence; it is read in pieces.
            pieces = (one[start : start + LONGEST] for start in range(0, len(one), LONGEST))
            found.extend(piece for piece in pieces if piece)
    return found


def findings(
    text: str, law: Law, on: date, lang: str, profile: Profile = Profile.OPERATIONAL
) -> tuple[Finding, ...]:
    """What a text states that the law does not say on a day, in the order of the text.

    ``text`` is Markdown with its figures filled in; ``lang`` is fr or en, of the answer. A day
    before the programme is read as its first day.
    """
    if not about_the_programme(text):
        return ()
    day = max(on, law.starts_on)
    terms = law.on(day, profile)
    told = []
    for sentence in sentences(text):
        if _PAST.search(sentence):
            continue
        for claim in _claims(sentence, terms, day):
            found = _compared(sentence, claim, law, day, lang, profile)
            if found is not None:
                told.append(found)
                break
    return tuple(told)


def _claims(sentence: str, terms: Terms, day: date) -> Iterator[_Claim]:
    for reader in (_sessions, _prices, _referral, _advance, _shares, _age):
        yield from reader(sentence, terms, day)


def _number(told: str) -> int:
    return int(told) if told.isdigit() else _AS_NUMBER[told.lower()]


def _sessions(sentence: str, terms: Terms, day: date) -> Iterator[_Claim]:
    """How many: in all, or of follow-up when the words say so."""
    if not _LIMIT.search(sentence):
        return
    for found in _COUNTED.finditer(sentence):
        number, words = _number(found["n"]), (found["kind"] or "") + (found["of"] or "")
        near = sentence[found.start() : found.end() + _NEAR]
        if number == 1 or (words and not _OURS.search(words)) or _RHYTHM.search(near):
            continue
        if _EVALUATION.search(words):
            yield _Claim("evaluations_per_year_max", found[0].strip(), number)
            continue
        after_it = terms.sessions_per_year_max - terms.evaluations_per_year_max
        if _FOLLOW_UP.search(words):
            number += terms.evaluations_per_year_max
        elif number == after_it:
            # Those after the evaluation, however they are called.
            continue
        yield _Claim("sessions_per_year_max", found[0].strip(), number)


def _prices(sentence: str, terms: Terms, day: date) -> Iterator[_Claim]:
    """What a session costs; a share of it is no price."""
    if not (_SESSION.search(sentence) and _PRICE.search(sentence)):
        return
    if _SHARE.search(sentence):
        return
    fees = {terms.evaluation_fee_cents, terms.follow_up_fee_cents}
    for pattern in (_AMOUNT, _EUROS_FIRST):
        for found in pattern.finditer(sentence):
            cents = int(found["n"]) * WHOLE + int(found["c"] or 0)
            if cents in fees or (cents in _parts(terms) and not _IS_A_PRICE.search(sentence)):
                continue
            near = sentence[max(0, found.start() - 60) : found.end() + 40]
            evaluation = _EVALUATION.search(near) and not _FOLLOW_UP.search(near)
            term = "evaluation_fee_cents" if evaluation else "follow_up_fee_cents"
            yield _Claim(term, found[0].strip(), cents)


def _parts(terms: Terms) -> set[int]:
    """What either payer owes of a session, or nothing at all."""
    fee = terms.follow_up_fee_cents
    paid = share_cents(fee, terms.amo_rate_percent)
    return {0, paid, fee - paid}


def _referral(sentence: str, terms: Terms, day: date) -> Iterator[_Claim]:
    found = _DOCTOR.search(sentence)
    if found is None or not _MEDICAL.search(sentence) or not _DUTY.search(sentence):
        return
    if not _NOT.search(sentence) and not _MAY.search(sentence):
        yield _Claim("referral_required", found[0].strip(), 1)


def _advance(sentence: str, terms: Terms, day: date) -> Iterator[_Claim]:
    found, none = _ADVANCE.search(sentence), _NO_ADVANCE.search(sentence)
    if none is not None:
        yield _Claim("advance", none[0].strip(), 0)
    elif found is not None and not _NOT.search(sentence):
        yield _Claim("advance", found[0].strip(), 1)


def _shares(sentence: str, terms: Terms, day: date) -> Iterator[_Claim]:
    if not (_INSURER.search(sentence) and _PAYS.search(sentence)):
        return
    both = terms.amo_rate_percent + terms.local_regime_rate_percent
    right = {0, terms.amo_rate_percent, both, terms.local_regime_rate_percent, WHOLE}
    right |= {WHOLE - one for one in right} - {WHOLE - terms.local_regime_rate_percent}
    right.add(terms.remote_share_percent_max)
    for found in _PERCENT.finditer(sentence):
        number = int(found["n"])
        if number not in right:
            yield _Claim("amo_rate_percent", found[0], number)


def _age(sentence: str, terms: Terms, day: date) -> Iterator[_Claim]:
    if not _OPEN_TO.search(sentence) or _OF_AGE.search(sentence):
        return
    for found in _AGE.finditer(sentence):
        number = _number(found["n"])
        of_years = re.search("ans|year|age|over", found[0], _FLAGS)
        if of_years and number != terms.majority_age_years:
            yield _Claim("age_years_min", found[0].strip(), number)


def _compared(
    sentence: str, claim: _Claim, law: Law, day: date, lang: str, profile: Profile
) -> Finding | None:
    """The finding, unless the sentence is right on this day."""
    if claim.term == "advance":
        return _compared_advance(sentence, claim, law, day, lang, profile)
    term = law.terms[claim.term]
    now = term.value_on(day, profile)
    if claim.number == now.number:
        return None
    was = _last_with(term, claim.number, day, profile)
    right = _in_words(term, now, lang)
    since = _ended(term, was, profile)
    return _told(sentence, claim, (term, now, right, since), law, lang, day)


def _compared_advance(
    sentence: str, claim: _Claim, law: Law, day: date, lang: str, profile: Profile
) -> Finding | None:
    term = law.terms["amo_third_party_from"]
    now = term.value_on(day, profile)
    since = civil_date(now.number)
    advanced = int(day < since)
    if claim.number == advanced:
        return None
    right = _WORDS["advance", advanced][lang == "en"]
    ended = None if advanced else since
    return _told(sentence, claim, (term, now, right, ended), law, lang, day)


def _last_with(term: Term, number: int, day: date, profile: Profile) -> Value | None:
    """The last value of this number before a day, if the law ever said so."""
    held = [
        value
        for value in term.values[profile]
        if value.number == number and value.valid_from <= day
    ]
    return held[-1] if held else None


def _ended(term: Term, was: Value | None, profile: Profile) -> date | None:
    """The day on which a former value was followed by another number."""
    if was is None:
        return None
    later = [
        value.valid_from
        for value in term.values[profile]
        if value.valid_from > was.valid_from and value.number != was.number
    ]
    return later[0] if later else None


def _in_words(term: Term, now: Value, lang: str) -> str:
    fixed = _WORDS.get((term.name, now.number))
    return fixed[lang == "en"] if fixed else shown(term, now, lang)


def _told(
    sentence: str,
    claim: _Claim,
    said: tuple[Term, Value, str, date | None],
    law: Law,
    lang: str,
    day: date,
) -> Finding:
    term, now, right, since = said
    proposal = _PROPOSALS[term.name][lang == "en"].replace("“", '"').replace("”", '"')
    return Finding(
        sentence=sentence,
        said=claim.said,
        term=term.name,
        title=term.title(lang),
        right=right,
        since=since,
        rules=term.rules,
        law=now.law,
        proposal=proposal,
        instead=quoted(proposal, law, day, lang).text,
        caution=term.caution(lang, day),
    )
