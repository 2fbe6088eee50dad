from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "soutien.registers.rights"
    label = "rights"
