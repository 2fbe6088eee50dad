from django.apps import AppConfig


class PsychologistsConfig(AppConfig):
    name = "soutien.registers.psychologists"
    label = "psychologists"
