from django.apps import AppConfig


class InsuranceConfig(AppConfig):
    name = "soutien.registers.insurance"
    label = "insurance"
