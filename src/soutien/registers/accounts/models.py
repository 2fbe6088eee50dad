"""Who can sign in, in which role, with what, and from where.

What a role may do stands in steps/permissions.py. What proves who somebody is, is sealed or a
digest: nothing read here opens an account.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q

from soutien.sealing import BlindIndexField, SealedTextField, index_field


class Role(models.TextChoices):
    """The roles of the product."""

    ANONYMOUS = "anonymous", "anonymous"
    PERSON = "person", "person"
    GUARDIAN = "guardian", "guardian"
    PSYCHOLOGIST = "psychologist", "psychologist"
    REPLACEMENT = "replacement", "replacement"
    DOCTOR = "doctor", "doctor"
    FUND_AGENT = "fund_agent", "fund agent"
    FUND_SUPERVISOR = "fund_supervisor", "fund supervisor"
    INSURER_AGENT = "insurer_agent", "insurer agent"
    TOWN_EDITOR = "town_editor", "town editor"
    TOWN_AUTHOR = "town_author", "town author"
    ANALYST = "analyst", "analyst"
    ADMINISTRATOR = "administrator", "administrator"


def written_email(email: str) -> str:
    """The one writing of an address here, whatever its capitals."""
    return email.strip().lower()


class AccountManager(BaseUserManager["Account"]):
    """Creates accounts by e-mail address, and finds them by its blind index."""

    def get_by_natural_key(self, username: str | None) -> Account:
        """The account that signs in with this address. Raises Account.DoesNotExist."""
        return self.get(email_index__in=email_index().indexes(username or ""))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Account:
        """A new account. Raises IntegrityError when the address has one."""
        email_index().refuse_another(email)
        account = self.model(
            email=written_email(email), email_index=email_index().index(email) or "", **fields
        )
        account.set_password(password)
        account.save(using=self._db)
        return account

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Account:
        fields.setdefault("role", Role.ADMINISTRATOR)
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Account(AbstractBaseUser, PermissionsMixin):
    """A sign-in. At most one of person, psychologist and the three codes is set, by its role.

    ``insurer_code`` is the number of a complementary insurer, ``town_code`` the INSEE code of a
    town: for whom an agent works.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = SealedTextField(help_text="in small letters")
    email_index = BlindIndexField(
        of="email", purpose="accounts.account.email", normal=written_email, unique=True
    )
    display_name = SealedTextField(blank=True)
    role = models.CharField(max_length=20, choices=Role.choices)
    person = models.ForeignKey(
        "people.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    psychologist = models.ForeignKey(
        "psychologists.Psychologist",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    fund_code = models.CharField(max_length=9, blank=True)
    insurer_code = models.CharField(max_length=10, blank=True)
    town_code = models.CharField(max_length=5, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)

    objects = AccountManager()

    # Unique by its blind index, which Django's own check does not know (see the settings).
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["role"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accounts_role_known", condition=models.Q(role__in=list(Role.values))
            ),
            models.CheckConstraint(
                name="accounts_one_relation",
                condition=models.Q(person__isnull=True, psychologist__isnull=True)
                | models.Q(person__isnull=True, fund_code="")
                | models.Q(psychologist__isnull=True, fund_code=""),
            ),
            models.CheckConstraint(
                name="accounts_one_place_of_work",
                condition=models.Q(insurer_code="", town_code="")
                | (
                    models.Q(person__isnull=True, psychologist__isnull=True, fund_code="")
                    & (models.Q(insurer_code="") | models.Q(town_code=""))
                ),
            ),
        ]


def email_index() -> BlindIndexField:
    """What finds an account by its address."""
    return index_field(Account, "email_index")


class OpenSession(models.Model):
    """One browser that signed in: listed to its owner, and asked at every page whether it holds.

    ``device`` is in codes (``firefox/windows``); no address and no place is kept.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="open_sessions")
    key_digest = models.CharField(max_length=64, unique=True, editable=False)
    device = models.CharField(max_length=40, blank=True)
    how = models.CharField(max_length=10, help_text="password, link, passkey, identity")
    second_factor = models.BooleanField(default=False)
    began_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="the latest, however busy it is")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=20, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["account", "ended_at"], name="accounts_session_open"),
            models.Index(fields=["ends_at"], name="accounts_session_ends"),
        ]
        constraints = [
            models.CheckConstraint(
                name="accounts_session_end_whole",
                condition=Q(ended_at__isnull=True, ended_why="")
                | (Q(ended_at__isnull=False) & ~Q(ended_why="")),
            ),
            models.CheckConstraint(
                name="accounts_session_ends_later",
                condition=Q(ends_at__gt=models.F("began_at")),
            ),
        ]


class LinkKind(models.TextChoices):
    """What a link sent by mail is good for, once."""

    SIGN_IN = "sign_in", "sign in"
    JOIN = "join", "open an account"
    PASSWORD = "password", "choose a new password"
    EMAIL = "email", "confirm a new address"
    RECOVER = "recover", "say that every second factor is lost"
    OWN_SPACE = "own_space", "open the account of one's own file"


class MailLink(models.Model):
    """A link sent by mail: good once, for a short time. Its address is its public id, signed.

    Without an account, the address has none, or none yet. ``browser`` is the digest of a key of
    the browser that asked.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=LinkKind.choices)
    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.CASCADE, related_name="mail_links"
    )
    person = models.ForeignKey(
        "people.Person",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="who booked in that browser without an account",
    )
    email = SealedTextField(help_text="where it is sent")
    former_email = SealedTextField(blank=True, help_text="who is told that the address changed")
    browser = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=2, default="fr")
    then = models.CharField(max_length=200, blank=True, help_text="the page asked for")
    asked_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="accounts_link_ends")]
        constraints = [
            models.CheckConstraint(
                name="accounts_link_kind", condition=Q(kind__in=list(LinkKind.values))
            ),
            models.CheckConstraint(
                name="accounts_link_ends_later", condition=Q(ends_at__gt=models.F("asked_at"))
            ),
        ]


class Recovery(models.Model):
    """Somebody lost every second factor: a second way said so, and a while passes before it holds.

    Begun from the account's mailbox (``mail``) or by two administrators who saw a paper
    (``people``: vouched for by one, it waits for another). Whoever hears of it may stop it.
    """

    VOUCHED, WAITING, STOPPED, DONE = "vouched", "waiting", "stopped", "done"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="recoveries")
    how = models.CharField(max_length=6, help_text="mail or people")
    state = models.CharField(max_length=8)
    proof = SealedTextField(blank=True, help_text="the paper that was seen")
    first_by = models.BigIntegerField(null=True, blank=True, help_text="an administrator")
    second_by = models.BigIntegerField(null=True, blank=True, help_text="another one")
    began_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(help_text="nothing is done with it afterwards")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                name="accounts_recovery_one_open",
                condition=Q(state__in=["vouched", "waiting"]),
            ),
            models.CheckConstraint(
                name="accounts_recovery_state",
                condition=Q(state__in=["vouched", "waiting", "stopped", "done"]),
            ),
            models.CheckConstraint(
                name="accounts_recovery_waits",
                condition=~Q(state="waiting") | Q(ready_at__gt=models.F("began_at")),
            ),
            models.CheckConstraint(
                name="accounts_recovery_two_people",
                condition=~Q(how="people")
                | (Q(first_by__isnull=False) & Q(state__in=["vouched", "stopped"]))
                | (Q(second_by__isnull=False) & ~Q(second_by=models.F("first_by"))),
            ),
        ]


class TotpKey(models.Model):
    """The key shared with an application that shows codes. Not confirmed, it opens nothing.

    ``last_counter`` is the last code that was taken: neither it nor an earlier one is again.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="totp_key")
    secret = SealedTextField(row="account", help_text="in base 32")
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_counter = models.BigIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True, blank=True)


class Passkey(models.Model):
    """The public half of a passkey; the other half never leaves its device."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_digest = models.CharField(max_length=64, unique=True, editable=False)
    credential = models.BinaryField(help_text="attested credential data (WebAuthn)")
    sign_count = models.BigIntegerField(default=0)
    added_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)


class RecoveryCode(models.Model):
    """A code on paper, good once. Its digest is sealed: nobody can show it again."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = SealedTextField()
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
