from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "soutien.registers.people"
    label = "people"
