from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "soutien.registers.jobs"
    label = "jobs"
