from django.apps import AppConfig


class WaitingConfig(AppConfig):
    name = "soutien.registers.waiting"
    label = "waiting"
