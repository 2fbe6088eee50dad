from django.apps import AppConfig


class CorrectionsConfig(AppConfig):
    name = "soutien.registers.corrections"
    label = "corrections"
