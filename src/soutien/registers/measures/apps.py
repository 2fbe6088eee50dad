from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "soutien.registers.measures"
    label = "measures"
