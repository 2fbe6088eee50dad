from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "soutien.registers.calendars"
    label = "calendars"
