from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "soutien.registers.ledger"
    label = "ledger"
