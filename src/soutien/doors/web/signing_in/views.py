"""Signing in and out. Each role then starts on its own page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import views as django_views
from django.urls import reverse
from django.utils.translation import gettext as _

from soutien.doors.web.signing_in.complete import complete_sign_in, start_page
from soutien.doors.web.signing_in.forms import SignInForm
from soutien.registers.accounts import queries as accounts
from soutien.registers.accounts.models import Account

# The demo's accounts belong to made-up people; its command line prints the same ones.
DEMO_PASSWORD = "soutien-demo"
DEMO_ACCOUNTS_SHOWN = 6


class SignIn(django_views.LoginView):
    """E-mail and password."""

    template_name = "soutien/signing_in/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        user = self.request.user
        return start_page(user) if isinstance(user, Account) else reverse("home")

    def form_valid(self, form: Any) -> Any:
        return complete_sign_in(
            self.request,
            form.get_user(),
            second_factor=False,
            how="password",
            then=self.get_redirect_url(),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"demo_accounts": demo_accounts()}


class SignOut(django_views.LogoutView):
    """By POST only; forgets everything this browser knew, a visitor's bookings too."""

    http_method_names = ["post", "options"]


@dataclass(frozen=True)
class DemoAccount:
    """An account anybody may use in the demo, with the form that signs in."""

    role: str
    name: str
    email: str
    password: str


def demo_accounts() -> list[DemoAccount]:
    """The accounts anybody may use in the demo; none anywhere else."""
    if not settings.DEMO:
        return []
    roles = {
        "person": _("Personne suivie"),
        "psychologist": _("Psychologue"),
        "fund_agent": _("Agent de caisse"),
        "administrator": _("Administration"),
    }
    return [
        DemoAccount(roles[account.role], account.display_name, account.email, DEMO_PASSWORD)
        for account in accounts.oldest(DEMO_ACCOUNTS_SHOWN)
        if account.role in roles
    ]
