"""Pages of a family: a paper sent by a link, acting, an own space, one document shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests import factories as make
from tests.doors.web.documents.papers import a_pdf, sent

from soutien.doors.sign_in_links import link_path
from soutien.doors.waiting_links import CONSENT, waiting_path
from soutien.registers.accounts.models import Account, LinkKind, MailLink, Role
from soutien.registers.agenda.models import Booking
from soutien.registers.guardians import queries as guardians
from soutien.registers.guardians.models import Link
from soutien.registers.people.guardianships import Guardianship
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import PracticePlace
from soutien.registers.writings import queries as writings

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def place() -> PracticePlace:
    since = timezone.localdate() - 400 * DAY
    return make.place(make.psychologist(under_agreement_from=since, sees_children=True))


@pytest.fixture
def desk(place: PracticePlace) -> Client:
    return entered(make.account(Role.PSYCHOLOGIST, psychologist=place.psychologist))


def child(place: PracticePlace, years: int) -> tuple[Person, Booking]:
    now = timezone.now()
    who = make.person(at=now, given_name="Léa", birth_date=f"{now.year - years}-01-02")
    return who, make.booking(place, starts_at=now + years * DAY, who=who)


def entered(account: Account) -> Client:
    browser = Client()
    browser.force_login(account)
    return browser


def asked(place: PracticePlace, who: Person) -> Link:
    """A mother who said yes by her link."""
    signed = make.signature(
        make.holder(who, at=timezone.now()), place.psychologist, at=timezone.now()
    )
    return make.consent_link(signed.holder, place.psychologist, at=timezone.now())


def test_a_mother_sends_her_paper_and_acts_from_her_account_once_it_was_seen(
    place: PracticePlace, desk: Client
):
    lea, booking = child(place, 8)
    link = asked(place, lea)
    mother = make.account(Role.PERSON, person=make.person(at=timezone.now()))
    browser, path = entered(mother), waiting_path(CONSENT, link.public_id)
    assert "Agir pour cet enfant" not in browser.get(path).content.decode()
    for content, status in ((b"not a paper", 422), (a_pdf(), 302)):
        answer = browser.post(path, {"paper": "1", "file": sent(content, "application/pdf")})
        assert answer.status_code == status
    assert "1 papier envoyé" in browser.get(path).content.decode()
    # Nobody saw it yet: acting is refused.
    assert browser.post(path, {"act": "1"}).status_code == 422
    visit = reverse("visit_consents", args=[booking.public_id])
    [paper] = guardians.papers_of([link.holder_id])[link.holder_id]
    file = reverse("holder_paper", args=[paper.public_id])
    assert file in desk.get(visit).content.decode()
    answer = desk.get(file)
    assert answer.content.startswith(b"%PDF-")
    assert "attachment" in answer["Content-Disposition"]
    told = {"proved": str(link.holder.public_id), "proof": "livret du 17 mai"}
    assert desk.post(visit, told).status_code == 302
    assert "Agir pour cet enfant" in browser.get(path).content.decode()
    assert browser.post(path, {"act": "1"})["Location"] == reverse("acting")
    row = Guardianship.objects.get(child=lea)
    assert (row.guardian_id, row.paper_id) == (mother.person_id, paper.pk)
    assert "Léa" in browser.get(reverse("acting")).content.decode()
    # A visitor, who has no account, claims nothing.
    assert Client().post(path, {"act": "1"}).status_code in (403, 404)


def test_an_own_space_is_offered_read_and_opened(place: PracticePlace, desk: Client):
    lea, _booking = child(place, 16)
    path = reverse("patient_space", args=[lea.public_id])
    page = desk.get(path).content.decode()
    assert "Les parents ne voient pas" in page
    wrong = desk.post(path, {"email": "lea@example.org"})
    assert wrong.status_code == 422
    told = {"email": "lea@example.org", "in_person": "on"}
    assert desk.post(path, told).status_code == 302
    link = MailLink.objects.get(kind=LinkKind.OWN_SPACE)
    own, address = Client(), link_path(LinkKind.OWN_SPACE, link.public_id)
    page = own.get(address).content.decode()
    assert page.index("Les parents voient") < page.index("<form method")
    assert own.post(address, {"password": ""}).status_code == 302
    assert Account.objects.get(person=lea).email == "lea@example.org"
    # On each page where something is written, who sees it is said first.
    for name in ("own_care", "own_documents", "own_measures"):
        page = own.get(reverse(name)).content.decode()
        assert "Ce que vos parents voient" in page, name
    assert "Montrer à mes parents les jours" in own.get(reverse("own_consents")).content.decode()
    assert Client().get(address).status_code == 404
    young, _booking = child(place, 9)
    page = desk.get(reverse("patient_space", args=[young.public_id])).content.decode()
    assert "à partir de 15 ans" in page and "Envoyer le lien" not in page


def test_one_document_is_shown_to_one_parent(place: PracticePlace, desk: Client):
    lea, _booking = child(place, 8)
    mother = make.person(at=timezone.now(), given_name="Nadia")
    row = make.guardianship(mother, lea, valid_from=timezone.localdate() - DAY)
    words = {"given_name": "Léa", "family_name": "Exemple", "birth_date": lea.birth_date}
    by = {"psychologist": "Ada", "rpps": "1", "phone": "", "address": ["Lyon"]}
    made = writings.begin(
        "evaluation_note",
        person_id=lea.pk,
        psychologist_id=place.psychologist_id,
        body=words | by | {"recipient": "", "symptoms": "", "needs": "du calme", "plan": "x"},
        written_on=timezone.localdate(),
        at=timezone.now(),
    )
    writings.sign(made, timezone.now())
    browser = entered(make.account(Role.PERSON, person=mother))
    browser.post(reverse("acting"), {"whom": str(lea.public_id)})
    address = reverse("writing", args=[made.public_id])
    assert browser.get(address).status_code == 404
    path = reverse("writing_parents", args=[made.public_id])
    assert "Nadia" in desk.get(path).content.decode()
    for button, status in (("show", 200), ("hide", 404)):
        assert desk.post(path, {button: str(row.public_id)}).status_code == 302
        assert browser.get(address).status_code == status
    desk.post(path, {"show": str(row.public_id)})
    assert "du calme" in browser.get(address).content.decode()
    assert address in browser.get(reverse("own_documents")).content.decode()
