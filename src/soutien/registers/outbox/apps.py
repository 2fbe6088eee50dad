from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "soutien.registers.outbox"
    label = "outbox"
