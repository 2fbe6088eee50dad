from django.apps import AppConfig


class CouriersConfig(AppConfig):
    name = "soutien.doors.couriers"
    label = "couriers"
