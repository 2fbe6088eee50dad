from django.apps import AppConfig


class IdentitiesConfig(AppConfig):
    name = "soutien.registers.identities"
    label = "identities"
