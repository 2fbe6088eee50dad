from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "soutien.registers.audit"
    label = "audit"
