from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "soutien.registers.documents"
    label = "documents"
