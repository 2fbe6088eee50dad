from django.apps import AppConfig


class AgendaConfig(AppConfig):
    name = "soutien.registers.agenda"
    label = "agenda"
