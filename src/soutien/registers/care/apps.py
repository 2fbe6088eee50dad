from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "soutien.registers.care"
    label = "care"
