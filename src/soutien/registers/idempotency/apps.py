from django.apps import AppConfig


class IdempotencyConfig(AppConfig):
    name = "soutien.registers.idempotency"
    label = "idempotency"
