from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    name = "soutien.registers.claims"
    label = "claims"
