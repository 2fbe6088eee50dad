"""Where money goes and what became of it: bank details, orders, payments, lines of the bank.

Orders, payments, what was done to an order and what the bank said are written once.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from soutien.sealing import SealedTextField

# Of bank details. Held until a second person confirms; one is in force, one is held at most.
HELD, IN_FORCE, REFUSED, REPLACED, CLOSED = "held", "in_force", "refused", "replaced", "closed"
# What is done to an order.
RELEASED, WITHDRAWN, RECONCILED = "released", "withdrawn", "reconciled"
# What the bank says of a line.
PAID, RETURNED, REJECTED, RECOVERED, UNEXPLAINED = (
    "paid",
    "returned",
    "rejected",
    "recovered",
    "unexplained",
)


class PayerAccount(models.Model):
    """The account that a fund or an insurer pays from. Locked while its orders are made."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    payer = models.CharField(max_length=132, unique=True, help_text="fund:… or insurer:…")
    name = models.CharField(max_length=70)
    iban = SealedTextField()


class BankDetail(models.Model):
    """Where somebody is paid. A change is held until somebody else confirms it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
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
    iban = SealedTextField(blank=True, help_text="without spaces; empty once forgotten")
    holder_name = SealedTextField(blank=True)
    fund_code = models.CharField(max_length=9, help_text="the fund whose agents confirm it")
    state = models.CharField(max_length=10, default=HELD)
    given_at = models.DateTimeField()
    given_by = models.BigIntegerField(null=True, blank=True, help_text="the account that gave it")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.BigIntegerField(
        null=True, blank=True, help_text="the account that confirmed or refused it"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["fund_code", "given_at"],
                name="payments_bankdetail_held",
                condition=Q(state=HELD),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="payments_bankdetail_one_owner",
                condition=Q(person__isnull=False, psychologist__isnull=True)
                | Q(person__isnull=True, psychologist__isnull=False),
            ),
            models.CheckConstraint(
                name="payments_bankdetail_state",
                condition=Q(state=HELD, answered_by__isnull=True, answered_at__isnull=True)
                | Q(state=REPLACED)
                | Q(
                    state__in=[IN_FORCE, REFUSED, CLOSED],
                    answered_by__isnull=False,
                    answered_at__isnull=False,
                ),
            ),
            # Whoever confirms is not whoever gave it.
            models.CheckConstraint(
                name="payments_bankdetail_two_people",
                condition=Q(answered_by__isnull=True)
                | Q(given_by__isnull=True)
                | ~Q(answered_by=F("given_by")),
            ),
            *(
                models.UniqueConstraint(
                    fields=[owner],
                    name=f"payments_bankdetail_{short}_{state}",
                    condition=Q(state=state),
                )
                for owner, short in (("person", "person"), ("psychologist", "psy"))
                for state in (HELD, IN_FORCE)
            ),
        ]


class Order(models.Model):
    """Transfers that one payer prepares together; another person releases them."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=20, unique=True, help_text="as the bank is told")
    payer = models.CharField(max_length=132)
    cut_off_on = models.DateField(help_text="what was owed up to this day")
    execution_on = models.DateField()
    cents = models.PositiveBigIntegerField()
    payments = models.PositiveIntegerField(help_text="how many")
    prepared_at = models.DateTimeField()
    prepared_by = models.BigIntegerField(help_text="the account that prepared it")

    class Meta:
        indexes = [models.Index(fields=["payer", "prepared_at"], name="payments_order_payer")]
        constraints = [
            models.CheckConstraint(
                name="payments_order_something", condition=Q(cents__gt=0, payments__gt=0)
            )
        ]


class OrderAct(models.Model):
    """What was done to an order, once each: released by another person, withdrawn, reconciled."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="acts")
    act = models.CharField(max_length=10)
    done_at = models.DateTimeField()
    account = models.BigIntegerField(null=True, blank=True, help_text="who; None: the product")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "act"], name="payments_orderact_once"),
            models.UniqueConstraint(
                fields=["order"],
                name="payments_orderact_one_end",
                condition=Q(act__in=[RELEASED, WITHDRAWN]),
            ),
            models.CheckConstraint(
                name="payments_orderact_known",
                condition=Q(act__in=[WITHDRAWN, RECONCILED])
                | Q(act=RELEASED, account__isnull=False),
            ),
        ]


class Payment(models.Model):
    """One transfer: what one payer owes one payee for one claim. The bank knows its number."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="transfers")
    number = models.CharField(max_length=35, unique=True, help_text="EndToEndId")
    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey("ledger.Account", on_delete=models.PROTECT, related_name="+")
    bank_detail = models.ForeignKey(BankDetail, on_delete=models.PROTECT, related_name="+")
    cents = models.PositiveBigIntegerField()
    payer = models.CharField(max_length=132)
    attempt = models.PositiveSmallIntegerField(help_text="1, and one more after each return")

    class Meta:
        constraints = [
            models.CheckConstraint(name="payments_payment_cents", condition=Q(cents__gt=0)),
            # Two orders prepared at once never hold one transfer twice.
            models.UniqueConstraint(
                fields=["claim", "account", "payer", "attempt"], name="payments_payment_once"
            ),
        ]


class BankLine(models.Model):
    """What the bank said of one movement, once, whatever the number of files that repeat it."""

    fingerprint = models.CharField(max_length=64)
    payer = models.CharField(max_length=132)
    kind = models.CharField(max_length=12)
    incoming = models.BooleanField(help_text="towards the payer")
    payment = models.ForeignKey(
        Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="lines"
    )
    cents = models.PositiveBigIntegerField()
    booked_on = models.DateField()
    reason = models.CharField(max_length=4, blank=True, help_text="code of ISO 20022: AC04")
    read_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["payer", "kind", "booked_on"], name="payments_bankline_newest")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["payer", "fingerprint"], name="payments_bankline_once"
            ),
            models.CheckConstraint(name="payments_bankline_cents", condition=Q(cents__gt=0)),
            models.CheckConstraint(
                name="payments_bankline_kind",
                condition=Q(kind__in=[PAID, RETURNED, REJECTED], payment__isnull=False)
                | Q(kind__in=[RECOVERED, UNEXPLAINED]),
            ),
        ]
