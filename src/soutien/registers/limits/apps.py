from django.apps import AppConfig


class LimitsConfig(AppConfig):
    name = "soutien.registers.limits"
    label = "limits"
