"""Who owes what to whom: accounts, and entries that move cents from one to another.

An entry holds both its sides in one row, so no entry and no transaction can be out of balance, in
either database: two accounts that exist and differ, and more than nothing. Rows are written once.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

KINDS = ("person", "psychologist", "fund", "insurer", "transit", "bank", "unexplained")
OF_PAYERS = ("transit", "bank", "unexplained")
# What an entry was posted for, and in which table the row is that its cause numbers.
WHYS = {
    "decided": "claims.Decision",
    "corrected": "claims.Decision",
    "reversed": "claims.Decision",
    "amc_decided": "the insurer's decision",
    "amc_corrected": "the insurer's decision",
    "ordered": "the payment",
    "withdrawn": "the payment",
    "paid": "the bank's line",
    "rejected": "the bank's line",
    "returned": "the bank's line",
    "recovered": "the bank's line",
    "received": "the bank's line",
}


class Account(models.Model):
    """An account and its holder: a person, a psychologist, or a payer (``fund:…``, ``insurer:…``).

    ``fund`` and ``insurer`` is what a payer bears; ``transit`` what it ordered and the bank has
    not confirmed; ``bank`` what left it; ``unexplained`` what the bank said and nothing explains.
    """

    kind = models.CharField(max_length=12)
    person = models.OneToOneField(
        "people.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    psychologist = models.OneToOneField(
        "psychologists.Psychologist",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    # None and not empty: the accounts of people have no payer, and none of them is the same.
    payer = models.CharField(max_length=132, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "payer"], name="ledger_account_one_a_payer"),
            models.CheckConstraint(
                name="ledger_account_one_holder",
                condition=Q(
                    kind="person",
                    person__isnull=False,
                    psychologist__isnull=True,
                    payer__isnull=True,
                )
                | Q(
                    kind="psychologist",
                    person__isnull=True,
                    psychologist__isnull=False,
                    payer__isnull=True,
                )
                | Q(
                    Q(kind="fund", payer__startswith="fund:")
                    | Q(kind="insurer", payer__startswith="insurer:")
                    | Q(kind__in=OF_PAYERS, payer__isnull=False),
                    person__isnull=True,
                    psychologist__isnull=True,
                ),
            ),
        ]


class Entry(models.Model):
    """Cents that one account owes another from a day on, and the row they are posted for.

    Entries of one ``why`` and one ``cause`` are one transaction, numbered by ``line``: it cannot
    be posted twice.
    """

    why = models.CharField(max_length=14)
    cause = models.PositiveBigIntegerField(help_text="number of the row that it is posted for")
    line = models.PositiveSmallIntegerField()
    # The indexes below begin with these columns.
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    cents = models.PositiveBigIntegerField()
    claim = models.ForeignKey(
        "claims.Claim", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    posted_on = models.DateField()
    posted_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["debit", "posted_on", "cents"], name="ledger_entry_debit"),
            models.Index(fields=["credit", "posted_on", "cents"], name="ledger_entry_credit"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["why", "cause", "line"], name="ledger_entry_once"),
            models.CheckConstraint(name="ledger_entry_cents", condition=Q(cents__gt=0)),
            models.CheckConstraint(
                name="ledger_entry_two_accounts", condition=~Q(debit=F("credit"))
            ),
            models.CheckConstraint(name="ledger_entry_why", condition=Q(why__in=sorted(WHYS))),
        ]
