from django.apps import AppConfig


class ConsentsConfig(AppConfig):
    name = "soutien.registers.consents"
    label = "consents"
