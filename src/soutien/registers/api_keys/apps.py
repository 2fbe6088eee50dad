from django.apps import AppConfig


class ApiKeysConfig(AppConfig):
    name = "soutien.registers.api_keys"
    label = "api_keys"
