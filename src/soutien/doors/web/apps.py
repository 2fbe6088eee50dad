from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "soutien.doors.web"
    label = "web"
