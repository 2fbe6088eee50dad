from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "soutien.registers.payments"
    label = "payments"
