"""Who can sign in, and in which role. What a role may do stands in steps/permissions.py."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models


class Role(models.TextChoices):
    """The twelve roles of the product."""

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
    ANALYST = "analyst", "analyst"
    ADMINISTRATOR = "administrator", "administrator"


class AccountManager(BaseUserManager["Account"]):
    """Creates accounts by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Account:
        account = self.model(email=self.normalize_email(email).lower(), **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Account:
        fields.setdefault("role", Role.ADMINISTRATOR)
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Account(AbstractBaseUser, PermissionsMixin):
    """A sign-in. At most one of person, psychologist and fund code is set, as the role asks."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True)
    display_name = models.CharField(max_length=120, blank=True)
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
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)

    objects = AccountManager()

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
        ]
