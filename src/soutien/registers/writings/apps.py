from django.apps import AppConfig


class WritingsConfig(AppConfig):
    name = "soutien.registers.writings"
    label = "writings"
