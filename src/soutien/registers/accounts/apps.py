from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "soutien.registers.accounts"
    label = "accounts"
