"""The psychologist arranges the agenda: the week, days that differ, one appointment more."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from tests import factories as make
from tests.doors.web.psychologist.practice import LONG_AGO, Practice, practice, words_of

from soutien.doors.web.psychologist.arrange_hours import read_clock
from soutien.registers.accounts.models import Role
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Absence, Booking, OpeningException, OpeningRule
from soutien.registers.audit.models import Entry
from soutien.registers.care.models import Seat

pytestmark = pytest.mark.django_db

# A Tuesday of November at noon in Paris, three weeks before any public holiday.
NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
TODAY = NOW.date()
MONDAY = date(2026, 11, 30)
WEEK, DAYS_OFF = "/cabinet/semaine", "/cabinet/absences"
MORNING, AFTERNOON = ("09:00", "12:00"), ("14:00", "18:00")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Practice:
    """A practice without a single hour; the clock of the pages stands still."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return practice(NOW)


@pytest.fixture
def signed_in(client: Client, here: Practice) -> Client:
    client.force_login(here.account)
    return client


def week(*like_monday: int, **changed: str) -> dict[str, str]:
    """The form of a week as a browser sends it: Monday in two ranges, days like it."""
    sent = {
        "ranges": "2",
        "minutes": "60",
        "modality": "both",
        "accepts": "both",
        "valid_from": TODAY.isoformat(),
        "buffer_minutes": "0",
        "notice_hours": "2",
        "horizon_days": "180",
        "first_sessions_kept": "0",
        "kept_until_days": "3",
    }
    for number, (starts, ends) in enumerate((MORNING, AFTERNOON)):
        sent |= {f"starts_0_{number}": starts, f"ends_0_{number}": ends}
    return sent | {f"like_{day}": "on" for day in like_monday} | changed


def hours(here: Practice, day: date) -> list[tuple[int, int]]:
    """The hours open on a day by the weekly rules, in minutes after midnight."""
    rules = OpeningRule.objects.filter(
        psychologist=here.psychologist, weekday=day.weekday(), valid_from__lte=day
    ).exclude(valid_before__lte=day)
    return sorted(rules.values_list("starts_at_minute", "ends_at_minute"))


@pytest.mark.parametrize(
    ("text", "minute"),
    [("9", 540), ("9h", 540), ("9h30", 570), ("09:30:00", 570), ("24:00", 1440)],
)
def test_a_time_is_read_as_people_write_it(text: str, minute: int) -> None:
    assert read_clock(text) == minute


@pytest.mark.parametrize("text", ["", "9h75", "25:00", "24:01", "midi", "९:30", "9:3"])
def test_what_is_no_time_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=text or ".*"):
        read_clock(text)


def test_somebody_without_a_week_is_proposed_one(signed_in: Client, here: Practice) -> None:
    text = signed_in.get(WEEK).content.decode()
    assert "Voici une semaine toute prête" in text
    assert 'name="starts_0_0" value="09:00"' in text
    assert not OpeningRule.objects.exists()


def test_monday_is_copied_to_the_days_that_are_like_it(signed_in: Client, here: Practice) -> None:
    answer = signed_in.post(WEEK, week(1, 3), follow=True)
    for day in range(5):
        expected = [(540, 720), (840, 1080)] if day in (0, 1, 3) else []
        assert hours(here, MONDAY + timedelta(days=day)) == expected
    assert "Votre semaine est enregistrée" in answer.content.decode()


def test_the_page_says_how_many_first_sessions_the_week_gives(
    signed_in: Client, here: Practice
) -> None:
    # Four weeks from this Tuesday noon: four Mondays of seven hours.
    answer = signed_in.post(WEEK, week(), follow=True)
    assert "28 premières séances possibles dans les 4 semaines" in answer.content.decode()


def test_the_preview_counts_and_saves_nothing(signed_in: Client, here: Practice) -> None:
    answer = signed_in.post(WEEK, week(preview="1"))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "28 premières séances possibles" in text
    assert "Rien n’est encore enregistré" in text
    assert not OpeningRule.objects.exists()


def test_the_preview_counts_what_saving_gives(signed_in: Client, here: Practice) -> None:
    make.opening(here.place, 2, valid_from=LONG_AGO)
    here.booking(here.patient(), begins_in_h=6 * 24 - 2)
    form = week(2, 4, valid_from="2026-11-26", buffer_minutes="15", first_sessions_kept="2")
    counted = signed_in.post(WEEK, form | {"preview": "1"}).context["outlook"].first_sessions
    signed_in.post(WEEK, form)
    since = datetime(2026, 11, 25, 23, 0, tzinfo=UTC)
    free = agenda.free_slots(
        [here.psychologist.pk],
        since=since,
        until=since + timedelta(weeks=4),
        kind="evaluation",
        modality="in_person",
        now=NOW,
    )
    assert counted == len(free[here.psychologist.pk]) > 0


def test_a_week_by_video_only_says_why_it_gives_no_first_session(
    signed_in: Client, here: Practice
) -> None:
    text = signed_in.post(WEEK, week(modality="remote", preview="1")).content.decode()
    assert "Aucune première séance possible" in text
    assert "Une première séance a lieu au cabinet" in text


def test_the_hours_of_before_end_and_keep_their_appointments(
    signed_in: Client, here: Practice
) -> None:
    make.opening(here.place, 0, valid_from=LONG_AGO, ends_at_minute=20 * 60)
    evening = datetime(2026, 11, 30, 18, 0, tzinfo=UTC)
    kept = make.booking(here.place, starts_at=evening, who=here.patient(), civil_day=MONDAY)
    text = signed_in.post(WEEK, week(valid_from=MONDAY.isoformat()), follow=True).content.decode()
    assert hours(here, MONDAY - timedelta(days=7)) == [(540, 1200)]
    assert hours(here, MONDAY) == [(540, 720), (840, 1080)]
    assert make.reread(kept).status == "confirmed"
    assert "Ces rendez-vous sont hors de vos heures" in text
    assert f"/cabinet/rendez-vous/{kept.public_id}" in text


def test_the_preview_names_the_appointments_left_outside(
    signed_in: Client, here: Practice
) -> None:
    make.opening(here.place, 0, valid_from=LONG_AGO, ends_at_minute=20 * 60)
    evening = datetime(2026, 11, 30, 18, 0, tzinfo=UTC)
    make.booking(here.place, starts_at=evening, who=here.patient(), civil_day=MONDAY)
    text = signed_in.post(WEEK, week(preview="1")).content.decode()
    assert "1 rendez-vous resterait hors de ces heures" in text
    assert "lundi 30 novembre 2026 à 19:00" in text


def test_a_week_saved_again_unchanged_writes_nothing(signed_in: Client, here: Practice) -> None:
    signed_in.post(WEEK, week(1))
    written = Entry.objects.count()
    signed_in.post(WEEK, week(1))
    assert Entry.objects.count() == written
    assert OpeningRule.objects.count() == 4


def test_a_week_is_shown_again_as_it_was_told(signed_in: Client, here: Practice) -> None:
    signed_in.post(WEEK, week(1, minutes_0_1="45", modality_0_1="remote", starts_4_0="10:00",
                              ends_4_0="11:00"))  # fmt: skip
    initial = signed_in.get(WEEK).context["form"].initial
    assert initial["like_1"]
    assert (initial["starts_4_0"], initial["ends_4_0"]) == (600, 660)
    rows = {(row.weekday, row.starts_at_minute): row for row in OpeningRule.objects.all()}
    assert (rows[1, 840].appointment_minutes, rows[1, 840].modality) == (45, "remote")
    assert (rows[1, 540].appointment_minutes, rows[1, 540].modality) == (60, "both")


def test_three_ranges_from_elsewhere_are_shown_and_kept(signed_in: Client, here: Practice) -> None:
    for starts in (480, 720, 960):
        make.opening(
            here.place, 0, valid_from=LONG_AGO, starts_at_minute=starts, ends_at_minute=starts + 60
        )
    form = signed_in.get(WEEK).context["form"]
    assert form.ranges == 3
    assert form.initial["starts_0_2"] == 960


def test_a_week_to_come_is_shown_and_the_present_one_stays(
    signed_in: Client, here: Practice
) -> None:
    make.opening(here.place, 2, valid_from=LONG_AGO)
    signed_in.post(WEEK, week(valid_from=MONDAY.isoformat()))
    answer = signed_in.get(WEEK)
    assert "Cette semaine commence le 30 novembre 2026" in answer.content.decode()
    assert answer.context["form"].initial["valid_from"] == MONDAY
    assert hours(here, TODAY + timedelta(days=1)) == [(540, 720)]


def test_a_place_of_its_own_for_one_range(signed_in: Client, here: Practice) -> None:
    other = make.place(here.psychologist, label="Cabinet de la gare")
    form = week(place=str(here.place.pk), place_0_1=str(other.pk))
    assert signed_in.post(WEEK, form).status_code == 302
    places = OpeningRule.objects.order_by("starts_at_minute").values_list("place_id", flat=True)
    assert list(places) == [here.place.pk, other.pk]


def test_a_place_of_somebody_else_is_no_choice(signed_in: Client, here: Practice) -> None:
    make.place(here.psychologist)
    theirs = make.place(make.psychologist())
    answer = signed_in.post(WEEK, week(place=str(theirs.pk)))
    assert answer.status_code == 422
    assert not OpeningRule.objects.exists()


def test_how_others_book_is_saved_with_the_week(signed_in: Client, here: Practice) -> None:
    signed_in.post(WEEK, week(buffer_minutes="15", notice_hours="48", first_sessions_kept="3"))
    limits = agenda.limits_of(here.psychologist.pk)
    assert (limits.buffer_minutes, limits.notice_hours, limits.first_sessions_kept) == (15, 48, 3)


def test_public_holidays_are_closed_unless_said(signed_in: Client, here: Practice) -> None:
    signed_in.post(WEEK, week(4))
    closed = signed_in.get(WEEK).context["outlook"].first_sessions
    signed_in.post(WEEK, week(4, open_on_public_holidays="on"))
    assert all(OpeningRule.objects.values_list("open_on_public_holidays", flat=True))
    assert signed_in.get(WEEK).context["outlook"].first_sessions == closed
    signed_in.post(WEEK, week(4, open_on_public_holidays="on", valid_from="2026-12-07"))
    # Christmas Day 2026 is a Friday.
    assert signed_in.get(WEEK).context["outlook"].first_sessions >= closed


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"ends_0_0": "08:00"}, "Lundi : la fin vient après le début"),
        ({"ends_0_0": ""}, "Lundi : il manque l’heure de fin"),
        ({"starts_0_1": ""}, "Lundi : il manque l’heure de début"),
        ({"ends_0_0": "09:30"}, "un rendez-vous de 60 minutes n’y tient pas"),
        ({"starts_0_1": "11:00"}, "ces deux plages se chevauchent"),
        ({"starts_0_0": "midi"}, "Écrivez une heure comme 9:30"),
        ({"minutes": "5"}, "De 15 à 240 minutes"),
        ({"minutes": "½"}, "Indiquez un nombre de minutes"),
        ({"valid_from": "2026-02-30"}, "Ce jour n’existe pas"),
        ({"valid_from": "2020-01-01"}, "Ce jour est passé"),
        ({"valid_from": ""}, "Dites à partir de quel jour"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(
    signed_in: Client, here: Practice, changed: dict[str, str], told: str
) -> None:
    answer = signed_in.post(WEEK, week(2, **changed))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert told in text
    assert 'name="ends_0_1" value="18:00"' in text
    assert not OpeningRule.objects.exists()


@pytest.mark.parametrize(
    "forged",
    [
        {},
        {"ranges": "9" * 400},
        {"ranges": "²"},
        {"notice_hours": "-1"},
        {"modality": "🙂" * 5000},
        {"valid_from": "9999-12-31"},
        {"valid_from": "0001-01-01"},
    ],
)
def test_a_forged_form_is_answered_never_a_failure(
    signed_in: Client, here: Practice, forged: dict[str, str]
) -> None:
    for address in (WEEK, DAYS_OFF, f"/cabinet/{MONDAY}/ajouter"):
        sent = (week(**forged) if forged else {}) | {"away": "1"}
        assert signed_in.post(address, sent).status_code < 500


def test_without_a_place_nothing_can_be_arranged(client: Client, here: Practice) -> None:
    nowhere = make.account(Role.PSYCHOLOGIST, psychologist=make.psychologist())
    client.force_login(nowhere)
    answer = client.get(WEEK)
    assert answer.status_code == 409
    assert "Il manque un lieu" in answer.content.decode()
    assert client.get(DAYS_OFF).status_code == 200


def test_days_away_are_closed_and_the_appointments_in_them_kept(
    signed_in: Client, here: Practice
) -> None:
    signed_in.post(WEEK, week())
    starts_at = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    kept = make.booking(here.place, starts_at=starts_at, who=here.patient(), civil_day=MONDAY)
    answer = signed_in.post(
        DAYS_OFF,
        {"away": "1", "away-first_day": "2026-11-30", "away-last_day": "2026-12-02"},
        follow=True,
    )
    text = answer.content.decode()
    away = Absence.objects.get()
    assert (away.valid_from, away.valid_before) == (MONDAY, date(2026, 12, 3))
    assert "1 rendez-vous y était déjà pris : il est gardé" in text
    assert "du lundi 30 novembre 2026 au mercredi 2 décembre 2026" in text
    assert make.reread(kept).status == "confirmed"
    signed_in.post(DAYS_OFF, {"remove_absence": str(away.pk)})
    assert not Absence.objects.exists()


def test_days_away_in_the_wrong_order_are_told(signed_in: Client, here: Practice) -> None:
    sent = {"away": "1", "away-first_day": "2026-12-02", "away-last_day": "2026-11-30"}
    answer = signed_in.post(DAYS_OFF, sent)
    assert answer.status_code == 422
    assert "Le dernier jour vient avant le premier" in answer.content.decode()


@pytest.mark.parametrize("what", ["open", "closed"])
def test_one_day_at_other_hours(signed_in: Client, here: Practice, what: str) -> None:
    sent = {
        "once": "1",
        "once-what": what,
        "once-day": "2026-12-05",
        "once-starts": "09:00",
        "once-ends": "12:00",
        "once-minutes": "45",
        "once-modality": "in_person",
        "once-accepts": "evaluation",
    }
    assert signed_in.post(DAYS_OFF, sent | {"once-ends": "08:00"}).status_code == 422
    text = signed_in.post(DAYS_OFF, sent, follow=True).content.decode()
    row = OpeningException.objects.get()
    assert (row.closed, row.starts_at_minute, row.ends_at_minute) == (what == "closed", 540, 720)
    assert ("fermé" if row.closed else "ouvert") + " 09:00–12:00" in text
    signed_in.post(DAYS_OFF, {"remove_exception": str(row.pk)})
    assert not OpeningException.objects.exists()


def test_nobody_removes_what_is_somebody_elses(client: Client, here: Practice) -> None:
    away = Absence.objects.create(
        psychologist=here.psychologist, valid_from=MONDAY, valid_before=date(2026, 12, 3)
    )
    other = make.psychologist()
    make.place(other)
    client.force_login(make.account(Role.PSYCHOLOGIST, psychologist=other))
    assert client.post(DAYS_OFF, {"remove_absence": str(away.pk)}).status_code == 404
    assert Absence.objects.exists()


def visit(who: str, **changed: str) -> dict[str, str]:
    """The form of one appointment more."""
    return {
        "patient": who,
        "day": TODAY.isoformat(),
        "starts": "15:30",
        "minutes": "45",
        "kind": "follow_up",
        "modality": "in_person",
        "reason": "urgent",
    } | changed


def test_one_more_is_laid_over_another_with_its_reason_in_the_log(
    signed_in: Client, here: Practice
) -> None:
    who, there = here.patient(), here.patient()
    here.was_evaluated(who)
    here.booking(who, begins_in_h=24 * 7, kind="follow_up")
    under = here.booking(there, begins_in_h=3)
    address = f"/cabinet/{TODAY}/ajouter"
    assert "Ajouter un rendez-vous" in signed_in.get("/cabinet").content.decode()
    assert who.family_name in signed_in.get(address).content.decode()
    answer = signed_in.post(address, visit(str(who.public_id)))
    assert answer["Location"] == f"/cabinet/{TODAY}"
    over = Booking.objects.get(overbooked_for="urgent")
    assert over.person_id == who.pk
    assert under.starts_at < over.starts_at < under.ends_at
    assert Seat.objects.filter(booking=over).exists()
    assert Entry.objects.filter(event="agenda.booking.overbooked", reason="urgent").exists()


def test_one_more_without_a_reason_is_not_booked(signed_in: Client, here: Practice) -> None:
    who = here.patient()
    here.booking(who, begins_in_h=24)
    answer = signed_in.post(f"/cabinet/{TODAY}/ajouter", visit(str(who.public_id), reason=""))
    assert answer.status_code == 422
    assert "Dites pourquoi ce rendez-vous est en plus" in answer.content.decode()
    assert Booking.objects.count() == 1


def test_what_the_law_refuses_is_told_on_the_form(signed_in: Client, here: Practice) -> None:
    who = here.patient()
    here.booking(who, begins_in_h=24)
    sent = visit(str(who.public_id), kind="evaluation", modality="remote", day="2026-11-27")
    answer = signed_in.post(f"/cabinet/{TODAY}/ajouter", sent)
    assert answer.status_code == 409
    assert answer.context["form"].errors["__all__"]


def test_only_people_one_sees_can_be_added(signed_in: Client, here: Practice) -> None:
    stranger = here.patient()
    here.booking(here.patient(), begins_in_h=24)
    answer = signed_in.post(f"/cabinet/{TODAY}/ajouter", visit(str(stranger.public_id)))
    assert answer.status_code == 422
    assert "Choisissez une personne de la liste" in answer.content.decode()


def test_an_hour_that_the_clock_skips_is_told(signed_in: Client, here: Practice) -> None:
    who = here.patient()
    here.booking(who, begins_in_h=24)
    sent = visit(str(who.public_id), day="2027-03-28", starts="02:30")
    answer = signed_in.post(f"/cabinet/{TODAY}/ajouter", sent)
    assert "la montre avance" in answer.content.decode()


@pytest.mark.parametrize("address", [WEEK, DAYS_OFF, f"/cabinet/{MONDAY}/ajouter"])
def test_these_pages_are_the_psychologists_alone(
    client: Client, here: Practice, address: str
) -> None:
    assert client.get(address)["Location"].startswith("/connexion")
    client.force_login(here.agent)
    answer = client.get(address)
    assert answer.status_code == 404
    assert "semaine" not in words_of(answer)
    client.force_login(here.account)
    assert "no-store" in client.get(address)["Cache-Control"]


def test_arranging_is_told_in_english(signed_in: Client, here: Practice) -> None:
    signed_in.post(f"/en{WEEK}", week())
    text = signed_in.get(f"/en{WEEK}").content.decode()
    assert "28 first sessions possible in the next 4 weeks" in text
    assert "Save my week" in text
    assert "Absences and openings" in signed_in.get(f"/en{DAYS_OFF}").content.decode()


def test_a_day_that_differs_says_so_in_one_line_and_stays_folded(
    signed_in: Client, here: Practice
) -> None:
    for weekday, minutes in ((0, 60), (1, 45)):
        make.opening(
            here.place,
            weekday,
            valid_from=LONG_AGO,
            starts_at_minute=9 * 60,
            ends_at_minute=12 * 60,
            appointment_minutes=minutes,
            modality="remote" if weekday else "both",
        )
    html = signed_in.get(WEEK).content.decode()
    assert "plage 1 : 45 min, en visio" in html
    assert "<details open>" not in html
    wrong = signed_in.post(WEEK, {"ranges": 2, "minutes": 60, "minutes_1_0": "7"})
    assert "<details open>" in wrong.content.decode()
