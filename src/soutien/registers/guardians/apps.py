from django.apps import AppConfig


class GuardiansConfig(AppConfig):
    name = "soutien.registers.guardians"
    label = "guardians"
