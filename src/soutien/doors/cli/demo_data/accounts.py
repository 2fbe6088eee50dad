"""The accounts shown when the demo starts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from soutien.doors.cli.demo_data.identifiers import DOMAIN, fund_code, insurer_code
from soutien.registers.accounts import factors
from soutien.registers.accounts.models import Account, Role
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import Psychologist
from soutien.steps.permissions import NEEDS_SECOND_FACTOR

PASSWORD = "soutien-demo"
# Known to everybody, as the password is: in the demo, the page itself shows the code.
TOTP_SECRET = "SOUTIENDEMOSOUTIENDEMOSOUTIENDEM"
PROTECTED_AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
FUND_DEPARTEMENT = "69"
# Craponne, by its INSEE code.
TOWN_CODE = "69069"


class DemoAccount(NamedTuple):
    """An account to try the product with; ``role`` and ``says`` are shown to French readers."""

    role: str
    email: str
    password: str
    says: str


PERSON = DemoAccount(
    "Personne suivie",
    f"camille@{DOMAIN}",
    PASSWORD,
    "Camille, à Craponne : quatre séances faites, la suivante réservée, un parcours à lire.",
)
NEWCOMER = DemoAccount(
    "Personne qui commence",
    f"sacha@{DOMAIN}",
    PASSWORD,
    "Sacha a la complémentaire santé solidaire et n'a encore vu personne.",
)
PARENT = DemoAccount(
    "Parent",
    f"nadia@{DOMAIN}",
    PASSWORD,
    "Nadia agit pour Léa, sept ans : sa première séance attend l'accord du père.",
)
TEENAGER = DemoAccount(
    "Adolescente",
    f"ines@{DOMAIN}",
    PASSWORD,
    "Inès, seize ans, a son propre espace ; sa mère, Nadia, y voit les rendez-vous, pas le reste.",
)
PSYCHOLOGIST = DemoAccount(
    "Psychologue",
    f"psychologue@{DOMAIN}",
    PASSWORD,
    "À Craponne : la journée en cours, une séance à clore, ses patients et leurs parcours.",
)
FUND_AGENT = DemoAccount(
    "Agent de caisse",
    f"caisse@{DOMAIN}",
    PASSWORD,
    "CPAM du Rhône (démonstration) : les demandes reçues et leurs décisions.",
)
FUND_COLLEAGUE = DemoAccount(
    "Autre agent de la même caisse",
    f"caisse2@{DOMAIN}",
    PASSWORD,
    "Pour relire à deux un refus : deux personnes pour refuser, une seule pour lever.",
)
INSURER = DemoAccount(
    "Agent d'une complémentaire",
    f"mutuelle@{DOMAIN}",
    PASSWORD,
    "Mutuelle des Tilleuls (démonstration) : les demandes de ses adhérents, sa part à décider.",
)
INSURER_COLLEAGUE = DemoAccount(
    "Autre agent de la même complémentaire",
    f"mutuelle2@{DOMAIN}",
    PASSWORD,
    "Pour payer à deux : une personne prépare les virements, une autre les libère.",
)
DOCTOR = DemoAccount(
    "Médecin",
    f"medecin@{DOMAIN}",
    PASSWORD,
    "À Craponne : ses courriers, dont un qui attend le psychologue de Sacha.",
)
TOWN_EDITOR = DemoAccount(
    "Rédaction en chef d'une commune",
    f"mairie@{DOMAIN}",
    PASSWORD,
    "Craponne (démonstration) : écrit, publie et règle le portail de la commune.",
)
TOWN_AUTHOR = DemoAccount(
    "Rédaction d'une commune",
    f"redaction@{DOMAIN}",
    PASSWORD,
    "Craponne (démonstration) : écrit des pages, que la rédaction en chef publie.",
)
ADMINISTRATOR = DemoAccount(
    "Administration", f"admin@{DOMAIN}", PASSWORD, "Le réglage du site ; ne lit aucun dossier."
)
ACCOUNTS = [
    *(PERSON, NEWCOMER, PARENT, TEENAGER, PSYCHOLOGIST, FUND_AGENT, FUND_COLLEAGUE),
    *(INSURER, INSURER_COLLEAGUE, DOCTOR, TOWN_EDITOR, TOWN_AUTHOR, ADMINISTRATOR),
]


def create_accounts(*, camille: Person, sacha: Person, psychologist: Psychologist) -> None:
    """Stores the demo's accounts, each tied to its made-up person, psychologist or fund."""
    own_name = f"{psychologist.given_name} {psychologist.family_name}"
    _create(PERSON, Role.PERSON, f"{camille.given_name} {camille.family_name}", person=camille)
    _create(NEWCOMER, Role.PERSON, f"{sacha.given_name} {sacha.family_name}", person=sacha)
    _create(PSYCHOLOGIST, Role.PSYCHOLOGIST, own_name, psychologist=psychologist)
    for agent, name in (
        (FUND_AGENT, "CPAM du Rhône (démonstration)"),
        (FUND_COLLEAGUE, "CPAM du Rhône, autre agent (démonstration)"),
    ):
        code = fund_code("general", FUND_DEPARTEMENT)
        _create(agent, Role.FUND_AGENT, name, fund_code=code)
    for agent, name in (
        (INSURER, "Mutuelle des Tilleuls (démonstration)"),
        (INSURER_COLLEAGUE, "Mutuelle des Tilleuls, autre agent (démonstration)"),
    ):
        _create(agent, Role.INSURER_AGENT, name, insurer_code=insurer_code(0))
    _create(DOCTOR, Role.DOCTOR, "Docteur Alix Exemple")
    _create(TOWN_EDITOR, Role.TOWN_EDITOR, "Mairie de Craponne", town_code=TOWN_CODE)
    _create(TOWN_AUTHOR, Role.TOWN_AUTHOR, "Rédaction de Craponne", town_code=TOWN_CODE)
    Account.objects.create_superuser(
        ADMINISTRATOR.email, PASSWORD, display_name=ADMINISTRATOR.role
    )
    for account in Account.objects.filter(role__in=NEEDS_SECOND_FACTOR):
        key = factors.draw_totp_key(account.pk, secret=TOTP_SECRET, at=PROTECTED_AT)
        factors.keep_totp_key(key.pk, counter=0, at=PROTECTED_AT)


def create_family_accounts(parent: Person, young: Person) -> None:
    """Stores the accounts of the mother of seven-year-old Léa, and of Léa's sister of sixteen."""
    _create(PARENT, Role.PERSON, f"{parent.given_name} {parent.family_name}", person=parent)
    _create(TEENAGER, Role.PERSON, f"{young.given_name} {young.family_name}", person=young)


def _create(account: DemoAccount, role: Role, display_name: str, **tie: object) -> None:
    Account.objects.create_user(
        account.email, account.password, role=role, display_name=display_name, **tie
    )
