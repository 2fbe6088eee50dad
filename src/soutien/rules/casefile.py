"""Cases as JSON files write them: read strictly, and answered in the same words.

The format is R-217 of the rule book. Whatever is not understood is refused with the case, the
place and what to write instead: a claim is never decided on a misread file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import IntEnum, IntFlag
from functools import cache
from typing import Any, TypeVar, cast

from soutien.rules.answer import Answer
from soutien.rules.codes import (
    ActCode,
    Coverage,
    ExemptionKind,
    Kind,
    LinkedTo,
    Modality,
    Notice,
    Practice,
    Profile,
    Programme,
    PsychiatricKind,
    Reason,
    Referrer,
    Regime,
    Status,
    ThirdParty,
    word,
    words,
)
from soutien.rules.decide import NO_CAP
from soutien.rules.dossier import (
    Agreement,
    ClaimedSession,
    Dossier,
    Exemption,
    PastSession,
    Person,
    PsychiatricSituation,
    Psychologist,
    Referral,
    Suspension,
)

PROGRAMME = "mon-soutien-psy"
_IGNORED = {"title", "note", "source", "rules", "derived", "confidence", "expected"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MISSING = object()
_LONGEST_SHOWN = 60
# What stands around words of the file in a problem.
_OPENS, _SHUTS = "\x02", "\x03"
_MARKS = re.compile(f"[{_OPENS}{_SHUTS}]")
_OWN_WORDS = re.compile(f"{_OPENS}[^{_SHUTS}]*{_SHUTS}")
# Two programmes are written with hyphens in the files, every other word with underscores.
_HYPHENATED = {Programme.MON_SOUTIEN_PSY, Programme.SANTE_PSY_ETUDIANT}
_Code = TypeVar("_Code", bound=int)
_Item = TypeVar("_Item")


def _spelled(code: IntEnum | IntFlag) -> str:
    hyphenated = isinstance(code, Programme) and code in _HYPHENATED
    return word(code).replace("_", "-") if hyphenated else word(code)


@cache
def _words_of(kind: Any) -> dict[str, Any]:
    return {_spelled(code): code for code in kind if code.name not in {"NONE", "OTHER"}}


def _allowed(kind: type[_Code]) -> dict[str, _Code]:
    """The words a file may write for a kind of code; 'none' and 'other' are never written."""
    return cast(dict[str, _Code], _words_of(cast(Any, kind)))


def _shown(written: Any) -> str:
    """A value as the file writes it, cut when it is long."""
    text = json.dumps(written, ensure_ascii=False)
    return _own(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")


def _own(text: str) -> str:
    """Words of the file itself, told from ours by two characters that it may not hold."""
    return f"{_OPENS}{_MARKS.sub('', text)}{_SHUTS}"


class CaseError(Exception):
    """A case file cannot be read: every problem found, one a line.

    ``problems`` repeat what was written, for whoever has the file; ``discreet`` do not, for
    whoever sent it: it may name somebody.
    """

    def __init__(self, problems: list[str]) -> None:
        self.problems = [_MARKS.sub("", problem) for problem in problems]
        self.discreet = [_OWN_WORDS.sub("…", problem) for problem in problems]
        super().__init__("\n".join(self.problems))


class _Place:
    """One JSON object being read: its place in the file, and what is still unread."""

    def __init__(self, value: Any, where: str, problems: list[str]) -> None:
        self.where, self.problems = where, problems
        if not isinstance(value, Mapping):
            problems.append(f"{where}: must be an object {{ … }}")
            value, self.problems = {}, []  # what it lacks inside is not worth telling
        self.unread: dict[str, Any] = dict(value)

    def problem(self, key: str, message: str) -> None:
        self.problems.append(f"{self.where}.{key}: {message}")

    def inside(self, key: str) -> _Place:
        """The object at a key that must be there."""
        problems = self.problems if key in self.unread else []
        return _Place(self.take(key), f"{self.where}.{key}", problems)

    def take(self, key: str, default: Any = _MISSING) -> Any:
        """A value by key; a missing one is a problem unless there is a default."""
        if key in self.unread:
            return self.unread.pop(key)
        if default is _MISSING:
            self.problem(key, "is missing")
            return None
        return default

    def day(self, key: str, default: Any = _MISSING) -> date | None:
        """A civil day ``YYYY-MM-DD``; None where it is absent and may be."""
        optional = default is None
        missing = key not in self.unread
        written = self.take(key, default)
        if written is None and (optional or missing):
            return None
        if isinstance(written, str) and _DAY.fullmatch(written):
            try:
                return date.fromisoformat(written)
            except ValueError:
                pass
        self.problem(key, f"{_shown(written)} is not a day: write it as 2026-11-22")
        return None

    def code(self, key: str, kind: type[_Code], default: Any = _MISSING) -> _Code:
        """One word of a list; null stands for absent where there is a default."""
        allowed = _allowed(kind)
        missing = key not in self.unread
        written = self.take(key, default)
        if isinstance(written, str) and written in allowed:
            return allowed[written]
        if default is not _MISSING and (written is None or written is default):
            assert isinstance(default, kind)
            return default
        if not missing:
            self.problem(key, f"{_shown(written)} is unknown; write one of {', '.join(allowed)}")
        return next(iter(allowed.values()))

    def yes_no(self, key: str, default: bool) -> bool:
        """true or false."""
        written = self.take(key, default)
        if not isinstance(written, bool):
            self.problem(key, f"{_shown(written)} is neither true nor false")
            return default
        return written

    def cents(self, key: str) -> int:
        """A whole number of cents, zero or more."""
        missing = key not in self.unread
        written = self.take(key)
        if isinstance(written, int) and not isinstance(written, bool) and written >= 0:
            return written
        if not missing:
            self.problem(key, f"{_shown(written)} is not a whole number of cents, zero or more")
        return 0

    def items(self, key: str, read: Callable[[_Place], _Item]) -> tuple[_Item, ...]:
        """A list of objects, empty when absent or null."""
        written = self.take(key, None)
        if written is None:
            return ()
        if not isinstance(written, list):
            self.problem(key, "must be a list [ … ]")
            return ()
        found = []
        for number, item in enumerate(written):
            place = _Place(item, f"{self.where}.{key}[{number}]", self.problems)
            found.append(read(place))
            place.done()
        return tuple(found)

    def done(self) -> None:
        """Whatever was not read is unknown."""
        for key in self.unread:
            self.problem(_own(key), "is not a known key; remove it or correct its spelling")


def _period(place: _Place) -> tuple[date, date | None]:
    starts_on = place.day("from")
    ends_on = place.day("to", None)
    if starts_on and ends_on and ends_on < starts_on:
        place.problem("to", f"{_own(str(ends_on))} comes before from {_own(str(starts_on))}")
    return starts_on or date.min, ends_on


def _exemption(place: _Place) -> Exemption:
    return Exemption(place.code("kind", ExemptionKind), *_period(place))


def _psychiatric(place: _Place) -> PsychiatricSituation:
    return PsychiatricSituation(place.code("kind", PsychiatricKind), *_period(place))


def _agreement(place: _Place) -> Agreement:
    return Agreement(*_period(place), place.day("resignation_received_on", None))


def _suspension(place: _Place) -> Suspension:
    return Suspension(*_period(place))


def _person(place: _Place) -> Person:
    born_on = place.day("birth_date") or date.min
    # An explicit null says "not affiliated"; a missing regime is a mistake, never a refusal.
    regime_given = "regime" in place.unread
    regime = place.code("regime", Regime, Regime.NONE)
    if not regime_given:
        place.problem("regime", "is missing; write null for a person with no scheme")
    person = Person(
        birth_date=born_on,
        regime=regime,
        amc=place.yes_no("amc", False),
        exemptions=place.items("exonerations", _exemption),
        psychiatric=place.items("psychiatric_history", _psychiatric),
    )
    place.done()
    return person


def _psychologist(place: _Place) -> Psychologist:
    psychologist = Psychologist(
        agreements=place.items("conventions", _agreement),
        suspensions=place.items("suspensions", _suspension),
        practice=place.code("practice", Practice, Practice.LIBERAL),
    )
    place.done()
    return psychologist


def _referral(value: Any, where: str, problems: list[str]) -> Referral | None:
    if value is None:
        return None
    place = _Place(value, where, problems)
    written_on = place.day("date") or date.min
    missing = "referrer" not in place.unread
    author = place.take("referrer")
    # Any other author is a valid answer to "who wrote it?", and an author who may not refer.
    known = {word(code): code for code in Referrer if code is not Referrer.NONE}
    if not isinstance(author, str):
        if not missing:
            place.problem("referrer", f"{_shown(author)} must be a word such as gp")
        author = "other"
    place.done()
    return Referral(written_on, known.get(author, Referrer.OTHER))


def _psychologist_id(place: _Place) -> str:
    missing = "psychologist" not in place.unread
    written = place.take("psychologist")
    if isinstance(written, str) and written:
        return written
    if not missing:
        place.problem("psychologist", f"{_shown(written)} must be the id of a psychologist")
    return ""


def _past_session(place: _Place) -> PastSession:
    session = PastSession(
        held_on=place.day("date") or date.min,
        kind=place.code("kind", Kind),
        psychologist=_psychologist_id(place),
        status=place.code("status", Status, Status.PAID),
        programme=place.code("programme", Programme, Programme.MON_SOUTIEN_PSY),
    )
    # Read for their form only: neither the price nor the way of an earlier session decides.
    place.code("modality", Modality, Modality.IN_PERSON)
    place.code("linked_to", LinkedTo, LinkedTo.NONE)
    if "price_cents" in place.unread:
        place.cents("price_cents")
    return session


def _act_code(place: _Place) -> ActCode:
    written = place.take("act_code", None)
    if written is None:
        return ActCode.NONE
    if not isinstance(written, str):
        place.problem("act_code", f"{_shown(written)} must be a code such as EEP, APS or PSS")
        return ActCode.NONE
    known = {code.name: code for code in (ActCode.EEP, ActCode.APS, ActCode.PSS)}
    return known.get(written, ActCode.OTHER)


def _third_party(place: _Place) -> bool:
    written = place.take("third_party_requested", None)
    if written not in (None, "amo"):
        place.problem(
            "third_party_requested", f"{_shown(written)} is unknown; write amo, or leave it out"
        )
    return bool(written == "amo")


def _claim(place: _Place) -> ClaimedSession:
    signed = place.yes_no("sheet_signed", True)
    complete = place.yes_no("sheet_complete", True)
    claim = ClaimedSession(
        held_on=place.day("date") or date.min,
        kind=place.code("kind", Kind),
        modality=place.code("modality", Modality),
        psychologist=_psychologist_id(place),
        price_cents=place.cents("price_cents"),
        act_code=_act_code(place),
        linked_to=place.code("linked_to", LinkedTo, LinkedTo.NONE),
        third_party_requested=_third_party(place),
        received_on=place.day("received_on", None),
        performed=place.yes_no("performed", True),
        sheet_complete=signed and complete,
        prescribed=place.yes_no("prescribed", False),
    )
    place.done()
    return claim


def read_case(value: Any, number: int, problems: list[str]) -> tuple[Any, Dossier]:
    """One case as a dossier, with its id as written; problems are added to the list."""
    where = f"case {number}"
    if isinstance(value, Mapping) and isinstance(value.get("id"), str):
        where = f"{where} ({_own(value['id'])})"
    place = _Place(value, where, problems)
    for key in _IGNORED & place.unread.keys():
        place.unread.pop(key)
    case_id = place.take("id")
    programme = place.take("programme", PROGRAMME)
    if programme != PROGRAMME:
        place.problem("programme", f"{_shown(programme)} is unknown; write {PROGRAMME}")
    psychologists = place.take("psychologists", {})
    if not isinstance(psychologists, Mapping):
        place.problem("psychologists", "must be an object of psychologists by id")
        psychologists = {}
    dossier = Dossier(
        profile=place.code("rule_profile", Profile, Profile.OPERATIONAL),
        person=_person(place.inside("patient")),
        psychologists={
            str(key): _psychologist(
                _Place(item, f"{where}.psychologists.{_own(str(key))}", problems)
            )
            for key, item in psychologists.items()
        },
        referral=_referral(place.take("referral", None), f"{where}.referral", problems),
        history=place.items("history", _past_session),
        claim=_claim(place.inside("claim")),
        reference=str(case_id),
    )
    place.done()
    return case_id, dossier


def read_cases(value: Any) -> list[tuple[Any, Dossier]]:
    """All cases of a parsed JSON file. Raises CaseError with every problem found."""
    if not isinstance(value, list):
        raise CaseError(["The file must hold a list of cases: [ {…}, {…} ]."])
    problems: list[str] = []
    cases = [read_case(item, number, problems) for number, item in enumerate(value, start=1)]
    if problems:
        raise CaseError(problems)
    return cases


def in_words(case_id: Any, answer: Answer) -> dict[str, Any]:
    """An answer in the words and the order of the file format (R-210 to R-216)."""
    decision = answer.decision
    accepted = bool(decision.accepted)
    told: dict[str, Any] = {
        "id": case_id,
        "outcome": "accepted" if accepted else "rejected",
        "reasons": [word(Coverage(decision.coverage))]
        if accepted
        else list(words(Reason(decision.reasons))),
        "amo_cents": decision.amo_cents,
        "amc_cents": decision.amc_cents,
        "patient_cents": decision.patient_cents,
        "third_party_payment": word(ThirdParty(decision.third_party)),
        "sessions_left": None if decision.sessions_left == NO_CAP else decision.sessions_left,
        "patient_upfront_cents": decision.patient_upfront_cents,
    }
    if decision.coverage == Coverage.LOCAL_REGIME_90_10:
        told["local_regime_cents"] = decision.local_regime_cents
    if decision.notices:
        told["warnings"] = list(words(Notice(decision.notices)))
    return told
