"""The parts of a page: what they draw, what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from soutien.doors.once import once_a_language
from soutien.doors.web.components import days, fields
from soutien.doors.web.components.beads import beads_of_year, year_in_words
from soutien.doors.web.components.map import Point, draw_map
from soutien.doors.web.components.parts import Cell, Column, Event, Figure, Table, steps_of

CRAPONNE = (45.745, 4.723)


@pytest.fixture(autouse=True)
def in_french() -> Iterator[None]:
    with translation.override("fr"):
        yield


def drawn(source: str, **context: object) -> str:
    request = RequestFactory().get("/trouver?place=craponne&page=2")
    return Template("{% load parts %}" + source).render(Context({"request": request, **context}))


def test_a_year_has_one_bead_for_each_session_of_the_law() -> None:
    year = beads_of_year(civil_year=2026, cap=9, used=3, booked=2)
    assert [bead.state for bead in year.beads] == ["used"] * 3 + ["booked"] * 2 + ["free"] * 4
    assert [bead.evaluation for bead in year.beads] == [True] + [False] * 8


def test_a_refused_session_is_a_notch_and_takes_no_bead() -> None:
    year = beads_of_year(civil_year=2026, cap=9, used=3, booked=0, refused=2)
    assert len(year.beads) == 9
    assert len(year.notches) == 2
    assert "ne comptent pas" in year.sentence


def test_a_year_without_a_cap_shows_what_is_taken_only() -> None:
    year = beads_of_year(civil_year=2026, cap=None, used=14, booked=1)
    assert len(year.beads) == 15
    assert len(year.threads) == 2
    assert year.sentence.endswith("aucune limite en 2026")


def test_a_year_begun_with_a_follow_up_has_no_square_bead() -> None:
    year = beads_of_year(civil_year=2026, cap=9, used=1, booked=0, evaluation_taken=False)
    assert not any(bead.evaluation for bead in year.beads)


@pytest.mark.parametrize(
    ("counts", "french", "english"),
    [
        ((4, 2, 6), "4 séances faites, 2 réservées, 6 restent en 2026", "4 sessions held"),
        ((1, 1, 1), "1 séance faite, 1 réservée, 1 reste en 2026", "1 session held"),
        ((0, 0, 9), "9 séances en 2026", "9 sessions in 2026"),
        ((9, 0, 0), "9 séances faites, il n’en reste plus en 2026", "none left in 2026"),
    ],
)
def test_the_beads_are_said_in_words(
    counts: tuple[int, int, int], french: str, english: str
) -> None:
    used, booked, left = counts
    assert year_in_words(civil_year=2026, used=used, booked=booked, left=left) == french
    with translation.override("en"):
        said = year_in_words(civil_year=2026, used=used, booked=booked, left=left)
    assert english in said


def test_the_picture_of_the_beads_carries_its_sentence() -> None:
    html = drawn("{% beads year %}", year=beads_of_year(civil_year=2026, cap=9, used=1, booked=1))
    assert 'role="img"' in html
    assert 'aria-label="1 séance faite, 1 réservée, 7 restent en 2026"' in html
    assert html.count("1 séance faite") == 2
    assert "style=" not in html


class Born(forms.Form):
    born = forms.DateField(
        label="Jour de naissance",
        help_text="Comme sur la carte.",
        error_messages={"required": "Il manque le jour de naissance."},
    )
    how = forms.ChoiceField(
        label="Comment", widget=forms.RadioSelect, choices=[("a", "Au cabinet"), ("b", "En visio")]
    )


def test_a_field_is_tied_to_its_hint_and_its_error() -> None:
    html = drawn("{% field form.born %}", form=Born({}))
    described = re.search(r'<input[^>]*aria-describedby="([^"]+)"', html)
    assert described
    for anchor in described[1].split():
        assert f'id="{anchor}"' in html
    assert 'aria-invalid="true"' in html
    assert "Il manque le jour de naissance." in html


def test_a_group_of_choices_is_a_fieldset_with_its_legend() -> None:
    html = drawn("{% field form.how %}", form=Born())
    assert "<fieldset" in html
    assert "<legend>Comment</legend>" in html
    assert html.count('type="radio"') == 2


class Wishes(forms.Form):
    public = forms.ChoiceField(choices=[("", "tous"), ("child", "enfants")], required=False)
    name = forms.CharField(required=False)
    sure = forms.BooleanField(required=False)


@pytest.mark.parametrize("told", [{}, {"public": "child", "sure": "on"}, {"public": "meddled"}])
def test_a_field_drawn_once_is_the_same_as_one_drawn_anew(told: dict[str, str]) -> None:
    for name in ("public", "name", "sure"):
        anew = drawn(f"{{% field form.{name} %}}", form=Wishes(told))
        for _ in range(2):
            assert drawn(f"{{% field form.{name} kept=True %}}", form=Wishes(told)) == anew


def test_nothing_that_people_typed_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[object, str] = {}
    monkeypatch.setattr(fields, "_kept", kept)
    told = {"name": "Exemple", "public": "meddled"}
    for name in ("public", "name", "sure"):
        drawn(f"{{% field form.{name} kept=True %}}", form=Wishes(told))
    assert len(kept) == 1
    drawn("{% field form.name kept=True %}", form=Wishes({"name": ""}))
    assert len(kept) == 2
    assert "Exemple" not in repr(kept) and "meddled" not in repr(kept)


def test_no_more_fields_are_kept_than_agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[object, str] = {}
    monkeypatch.setattr(fields, "_kept", kept)
    monkeypatch.setattr(fields, "MOST_KEPT", 2)
    for public in ("", "child"):
        drawn("{% field form.public kept=True %}", form=Wishes({"public": public}))
    assert len(kept) == 2
    assert "enfants" in drawn("{% field form.public classes='row' kept=True %}", form=Wishes({}))
    assert len(kept) == 1


def test_words_made_once_are_made_once_for_each_language() -> None:
    asked = []

    @once_a_language
    def said(number: int) -> str:
        asked.append(number)
        return f"{translation.get_language()} {number}"

    assert [said(1), said(1), said(2)] == ["fr 1", "fr 1", "fr 2"]
    with translation.override("en"):
        assert said(1) == "en 1"
    assert asked == [1, 2, 1]


def test_the_summary_of_errors_leads_to_each_field_and_takes_focus() -> None:
    html = drawn("{% error_summary form %}", form=Born({}))
    assert 'href="#id_born"' in html
    assert 'href="#id_how_0"' in html
    assert 'tabindex="-1" autofocus' in html
    assert drawn("{% error_summary form %}", form=Born()).strip() == ""


def test_a_button_with_an_address_is_a_link() -> None:
    assert drawn('{% button "Voir" href="/aide" %}').strip().startswith("<a ")
    sent = drawn('{% button "Réserver" name="go" value="1" about="avec A. Exemple" %}')
    assert 'type="submit" name="go" value="1"' in sent
    assert '<span class="hide"> avec A. Exemple</span>' in sent


def test_what_people_type_is_never_markup() -> None:
    html = drawn(
        "{% notice kind='ok' title=title %}<p>{{ text }}</p>{% endnotice %}{% table table %}",
        title="<b>x</b>",
        text="<script>",
        table=Table("t", (Column("c"),), ((Cell("<i>"),),)),
    )
    assert "<script>" not in html
    assert "<b>" not in html
    assert "<i>" not in html


def test_a_cell_says_its_column_when_the_table_becomes_cards() -> None:
    table = Table(
        "Demandes", (Column("Reçue le"), Column("Montant", True)), ((Cell("hier"), Cell("9 €")),)
    )
    html = drawn("{% table table %}", table=table)
    assert 'data-label="Montant"' in html
    assert "<caption>Demandes</caption>" in html
    empty = Table("Demandes", (), (), empty="Aucune demande.")
    assert "Aucune demande." in drawn("{% table table %}", table=empty)


def test_the_current_step_is_marked() -> None:
    html = drawn("{% steps steps %}", steps=steps_of(("Un", "Deux", "Trois"), 2))
    assert html.count('aria-current="step"') == 1
    assert "(fait)" in html


def test_figures_events_and_pages_are_drawn() -> None:
    html = drawn(
        "{% figures figures %}{% timeline events %}{% pager 2 3 %}",
        figures=[Figure("Prix", "9 €", "Le même partout.")],
        events=[Event("hier", "Reçue", state="done")],
    )
    assert '<dd class="number">9 €</dd>' in html
    assert '<li class="done"><time>hier</time>' in html
    assert "?place=craponne&amp;page=1" in html
    assert "?place=craponne&amp;page=3" in html


@pytest.mark.parametrize(
    ("metres", "said"), [(40, "100 m"), (960, "1 km"), (1600, "1,6 km"), (24_400, "24 km")]
)
def test_distances_are_said_as_people_do(metres: int, said: str) -> None:
    assert days.distance(metres) == said


def test_days_are_said_in_both_languages() -> None:
    day = date(2026, 12, 1)
    assert days.full_day(day) == "mardi 1er décembre 2026"
    assert days.short_day(day) == "mar. 1er déc."
    with translation.override("en"):
        assert days.full_day(day) == "Tuesday 1 December 2026"
        assert days.short_day(day) == "Tue 1 Dec"


def test_a_time_is_that_of_the_place_of_care() -> None:
    moment = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
    assert days.clock(moment, "Europe/Paris") == "14:30"
    assert days.clock(moment, "Indian/Reunion") == "16:30"


def test_no_point_of_the_map_hides_another() -> None:
    points = [Point(n, "A", *CRAPONNE, f"p{n}") for n in range(1, 13)]
    marks = draw_map(CRAPONNE, points, label="Carte").marks
    gaps = [
        (a.x - b.x) ** 2 + (a.y - b.y) ** 2 for a in marks for b in marks if a.number < b.number
    ]
    assert len(marks) == 12
    assert min(gaps) > 18**2


def test_the_map_names_towns_and_leads_to_the_list() -> None:
    area = draw_map(CRAPONNE, [Point(1, "A. Exemple", 45.78, 4.80, "p1")], label="Carte")
    html = drawn("{% area_map area %}", area=area)
    assert 'href="#p1"' in html
    assert 'aria-label="1, A. Exemple"' in html
    assert area.towns
    assert not re.search(r'="\d+,\d', html)
