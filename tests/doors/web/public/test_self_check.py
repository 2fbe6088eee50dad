"""« Est-ce pour moi ? » without a browser: an answer for everybody, and nothing kept of it."""

from __future__ import annotations

import logging
import re

import pytest
from django.test import Client
from tests.proof.dangers import SITUATIONS, answers_of

pytestmark = pytest.mark.django_db
ORDINARY, EASY = "/est-ce-pour-moi", "/est-ce-pour-moi/facile"
ANSWER = f"{ORDINARY}/reponse"
BOTH = pytest.mark.parametrize("path", [ORDINARY, EASY], ids=["ordinary", "easy"])


def dangers_of(page: str) -> dict[str, str]:
    """Every sign of danger in the page: its id, and its whole tag."""
    tags = re.findall(r"<input[^>]*danger-sign[^>]*>", page)
    return {found[1]: tag for tag in tags if (found := re.search(r'id="([^"]+)"', tag))}


@BOTH
def test_the_sixty_situations_are_told_by_signs_of_the_page(client: Client, path: str) -> None:
    signs = dangers_of(client.get(path).content.decode())
    assert len(SITUATIONS) >= 60
    assert len({one["says"] for one in SITUATIONS}) == len(SITUATIONS)
    for situation in SITUATIONS:
        assert answers_of(situation), situation["says"]
        assert set(answers_of(situation)) <= set(signs), situation["says"]
    told = {sign for situation in SITUATIONS for sign in answers_of(situation)}
    assert told == set(signs), "every sign of danger is the answer to a situation"


@BOTH
def test_a_sign_of_danger_has_no_name_and_cannot_be_sent(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    for sign, tag in dangers_of(page).items():
        assert not re.search(r"\b(name|value|form|formaction)=", tag), sign
    # Its form has nowhere to go and one button, disabled, that the Enter key would press.
    for form in re.findall(r'<form class="dangers".*?</form>', page, re.DOTALL):
        assert " action=" not in form.split(">", 1)[0]
        assert re.findall(r'<button type="submit"[^>]*>', form) == [
            '<button type="submit" disabled hidden>'
        ]


@BOTH
def test_a_browser_without_cookies_is_answered_and_given_none(path: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(f"{path}/reponse", {"who": "adult", "signs": ["worry"], "hold": "much"})
    assert answer.status_code == 200
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store, private"
    assert "psychologue" in answer.content.decode()


@BOTH
def test_the_address_of_the_answer_alone_leads_to_the_questions(client: Client, path: str) -> None:
    answer = client.get(f"{path}/reponse")
    assert (answer.status_code, answer["Location"]) == (302, path)
    assert client.get(f"/en{path}/reponse")["Location"] == f"/en{path}"


def test_what_was_answered_is_in_no_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        client.post(ANSWER, {"who": "teenager", "also": ["cannot_stop", "shut_away"]})
    said = " ".join(str(record.__dict__) for record in caplog.records)
    for word in ("cannot_stop", "shut_away", "teenager"):
        assert word not in said


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"who": "nobody", "age": "abc", "signs": ["danger"], "since": "2", "hold": "-1"},
        {"age": "99999999999999999999"},
        {"age": "²"},
        {"who": ["adult", "child"], "also": ["<script>"]},
    ],
)
@BOTH
def test_answers_that_are_none_still_get_a_door(
    client: Client, sent: dict[str, object], path: str
) -> None:
    answer = client.post(f"{path}/reponse", sent)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<script>" not in page.split("<main", 1)[1]
    for line in ("tel:15", "tel:3114"):
        assert line in page


@pytest.mark.parametrize(
    ("sent", "public"),
    [
        ({"who": "child", "age": "3"}, "child"),
        ({"who": "child", "age": "11"}, "teenager"),
        ({"who": "teenager"}, "teenager"),
        ({"who": "relative"}, "adult"),
    ],
)
@BOTH
def test_the_search_is_made_ready_for_whom_it_is(
    client: Client, sent: dict[str, str], public: str, path: str
) -> None:
    page = client.post(f"{path}/reponse", sent).content.decode()
    assert f'name="public" value="{public}"' in page


@BOTH
def test_a_toddler_is_offered_no_search_and_no_price(client: Client, path: str) -> None:
    page = client.post(f"{path}/reponse", {"who": "child", "age": "2"}).content.decode()
    assert "PMI" in page
    assert 'name="public"' not in page


@pytest.mark.parametrize("path", ["/nulle-part", "/est-ce-pour-moi/", "/en/nowhere"])
def test_a_page_that_went_wrong_still_shows_whom_to_call(client: Client, path: str) -> None:
    answer = client.get(path)
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "tel:15" in page
    assert "tel:3114" in page


def test_a_method_that_is_none_is_refused_with_the_same_numbers(client: Client) -> None:
    answer = client.put(ANSWER)
    assert answer.status_code == 405
    assert "tel:3114" in answer.content.decode()
