"""One identity elsewhere opens one account; each twin drops the protection and sees it in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from tests import factories as make
from tests.registers.protections import without

from soutien.registers.accounts.models import Account, Role
from soutien.registers.identities import queries as identities
from soutien.registers.identities.models import CertifiedTraits, ExternalIdentity, Held
from soutien.registers.people.models import Person
from soutien.registers.people.queries import add_person, alike
from soutien.sealing import ForRow

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 3, 9, tzinfo=UTC)
ISSUER = "https://identity.example.org"
LASTS = timedelta(minutes=10)


def account(name: str) -> Account:
    who = make.person(at=AT)
    return Account.objects.create_user(
        f"{name}@example.org", "secret", role=Role.PERSON, person=who
    )


def link(owner: Account, subject: str, **fields: str) -> ExternalIdentity:
    values = {"provider": "citizens", "issuer": ISSUER, "linked_how": "by_hand"} | fields
    return identities.add_link(subject=subject, account=owner, linked_at=AT, **values)


def test_two_accounts_never_share_a_subject() -> None:
    link(account("one"), "s-1")
    with pytest.raises(IntegrityError), transaction.atomic():
        link(account("two"), "s-1")
    assert ExternalIdentity.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twin_without_the_constraint_they_share_it() -> None:
    with without(ExternalIdentity, "identities_subject_once"):
        link(account("one"), "s-1")
        link(account("two"), "s-1")
        assert ExternalIdentity.objects.count() == 2


def test_twin_two_issuers_may_call_two_people_the_same() -> None:
    """The protection is of the subject at its issuer: nothing else makes the second fail."""
    link(account("one"), "s-1")
    link(account("two"), "s-1", issuer="https://other.example.org")
    assert ExternalIdentity.objects.count() == 2


def test_an_account_has_one_identity_of_an_issuer() -> None:
    owner = account("one")
    link(owner, "s-1")
    with pytest.raises(IntegrityError), transaction.atomic():
        link(owner, "s-2")
    link(owner, "s-2", issuer="https://other.example.org")


def test_a_link_is_never_moved_to_another_account() -> None:
    made, other = link(account("one"), "s-1"), account("two")
    for change in ({"account": other}, {"issuer": "https://other.example.org"}):
        with pytest.raises(IntegrityError, match="identities_link_stays"), transaction.atomic():
            ExternalIdentity.objects.filter(pk=made.pk).update(**change)
    # Sealing it again with another key is no move.
    sealed_again = ForRow("s-1", made.public_id)
    assert ExternalIdentity.objects.filter(pk=made.pk).update(subject=sealed_again) == 1


def test_twin_without_the_trigger_a_link_moves() -> None:
    made, other = link(account("one"), "s-1"), account("two")
    with connection.cursor() as cursor:
        on_table = f" ON {ExternalIdentity._meta.db_table}"
        cursor.execute(
            "DROP TRIGGER identities_link_stays"
            + (on_table if connection.vendor == "postgresql" else "")
        )
    assert ExternalIdentity.objects.filter(pk=made.pk).update(account=other) == 1


def test_the_subject_is_found_again_and_never_readable_in_the_table() -> None:
    made = link(account("one"), "the-subject-of-somebody")
    assert identities.by_subject(ISSUER, "the-subject-of-somebody") == made
    assert identities.by_subject(ISSUER, "the-subject-of-somebod") is None
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {ExternalIdentity._meta.db_table}")
        row = cursor.fetchone()
    assert not any(b"the-subject" in bytes(str(value), "utf-8") for value in row)
    assert not any(
        b"the-subject" in bytes(value) for value in row if isinstance(value, bytes | memoryview)
    )


def test_traits_go_with_their_link() -> None:
    owner = account("one")
    made = link(owner, "s-1")
    for family_name in ("Avant", "Après"):
        identities.certify(
            made,
            person_id=owner.person_id,
            family_name=family_name,
            given_names=["Camille", "Marie"],
            birth_date="1990-05-17",
            sex="female",
            birth_place="69123",
            certified_at=AT,
        )
    kept = identities.traits_of_person(owner.person_id)
    assert kept is not None
    assert (kept.family_name, kept.given_names) == ("Après", ["Camille", "Marie"])
    assert identities.remove_link(made.pk)
    assert not CertifiedTraits.objects.exists()
    assert not identities.remove_link(made.pk)


def held(key: str, browser: str, kind: str = "asked") -> None:
    identities.hold(
        key=key, browser=browser, kind=kind, content={"n": 1}, at=AT, ends_at=AT + LASTS
    )


def test_what_is_held_is_for_one_browser_one_use_and_some_minutes() -> None:
    held("state", "browser")
    wrong = [
        {"key": "other", "browser": "browser", "kind": "asked", "at": AT},
        {"key": "state", "browser": "other", "kind": "asked", "at": AT},
        {"key": "state", "browser": "browser", "kind": "presented", "at": AT},
        {"key": "state", "browser": "browser", "kind": "asked", "at": AT + LASTS},
    ]
    assert [identities.take(**each) for each in wrong] == [None] * 4
    right = {"key": "state", "browser": "browser", "kind": "asked", "at": AT}
    assert identities.peek(**right) == {"n": 1}
    assert identities.take(**right) == {"n": 1}
    assert identities.take(**right) is None


def test_what_is_over_is_thrown_away_at_the_next_one() -> None:
    held("first", "browser")
    identities.hold(
        key="next",
        browser="browser",
        kind="asked",
        content={},
        at=AT + LASTS,
        ends_at=AT + 2 * LASTS,
    )
    assert Held.objects.count() == 1


def test_people_with_one_family_name_and_day_of_birth_are_found_however_it_is_spelt() -> None:
    fields = {"given_name": "Anne", "email": "", "phone": "", "created_at": AT}
    first = add_person(family_name="Le Goff-Évrard", birth_date="1990-05-17", **fields)
    second = add_person(family_name="LE GOFF EVRARD", birth_date="1990-05-17", **fields)
    add_person(family_name="Evrard", birth_date="1990-05-17", **fields)
    add_person(family_name="Le Goff-Évrard", birth_date="1990-05-18", **fields)
    unreadable = add_person(family_name="Иванова", birth_date="1990-05-17", **fields)
    assert alike("le goff évrard", "1990-05-17") == [first, second]
    assert alike("Иванова", "1990-05-17") == []
    assert Person.objects.get(pk=unreadable.pk).likeness_index == ""
