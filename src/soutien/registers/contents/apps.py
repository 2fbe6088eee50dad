from django.apps import AppConfig


class ContentsConfig(AppConfig):
    name = "soutien.registers.contents"
    label = "contents"
