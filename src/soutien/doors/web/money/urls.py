"""Addresses of one's own account and statement, and of the payer's desk."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.money import desk, follow, own, undue

urlpatterns = [
    path("mon-compte-bancaire", own.bank, name="own_bank"),
    path("mes-paiements", own.statement, name="own_statement"),
    path("mon-argent", follow.own_money, name="own_money"),
    path("cabinet/reglements", follow.income, name="income"),
    path("cabinet/reglements/relance.pdf", follow.reminder, name="income_reminder"),
    path("caisse/virements", desk.desk, name="fund_money"),
    path("caisse/virements/<uuid:public_id>", desk.order, name="fund_order"),
    path("caisse/virements/<uuid:public_id>/fichier", desk.order_file, name="fund_order_file"),
    path("caisse/trop-verse", undue.undue, name="fund_undue"),
    path("caisse/trop-verse.pdf", undue.letters, name="fund_undue_letters"),
    path("caisse/banque", desk.bank, name="fund_bank"),
    path("caisse/comptes", desk.accounts, name="fund_accounts"),
]
