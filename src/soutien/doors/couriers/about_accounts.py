"""Letters about accounts: links to enter, and what changed in their protection.

A link's letter is written for any address that asked, so that the page need not say which have an
account. Subjects say nothing of care, and links end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from soutien.doors.appointments import absolute
from soutien.doors.couriers.message import MAIL, PERSON, Message
from soutien.doors.couriers.writing import Task, body_of, sender_name
from soutien.doors.days import plain_day
from soutien.doors.sign_in_links import FINISH, STOP, link_path, recovery_path
from soutien.registers.accounts import mail_links, recoveries
from soutien.registers.accounts import queries as accounts
from soutien.registers.accounts.models import Account, LinkKind, MailLink, Recovery
from soutien.registers.corrections import queries as corrections
from soutien.registers.people import guardianships
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.steps.presented import NOWHERE

# A letter of each kind, by what the address turns out to have: an account, or none.
_KNOWN = {
    LinkKind.SIGN_IN: ("sign_in_link", gettext_noop("Votre lien pour entrer")),
    LinkKind.PASSWORD: ("password_link", gettext_noop("Votre lien pour entrer")),
    LinkKind.JOIN: ("account_exists", gettext_noop("Votre demande de compte")),
    LinkKind.EMAIL: ("email_link", gettext_noop("Confirmez votre adresse")),
    LinkKind.RECOVER: ("recover_link", gettext_noop("Votre lien pour entrer")),
    LinkKind.OWN_SPACE: ("account_exists", gettext_noop("Votre demande de compte")),
}
_UNKNOWN = {
    LinkKind.SIGN_IN: ("no_account", gettext_noop("Votre lien pour entrer")),
    LinkKind.PASSWORD: ("no_account", gettext_noop("Votre lien pour entrer")),
    LinkKind.JOIN: ("join_link", gettext_noop("Votre demande de compte")),
    LinkKind.EMAIL: ("account_exists", gettext_noop("Votre demande de compte")),
    LinkKind.RECOVER: ("no_account", gettext_noop("Votre lien pour entrer")),
    LinkKind.OWN_SPACE: ("own_space_link", gettext_noop("Votre espace")),
}
_CHANGES = {
    "accounts.password.changed": gettext_noop("Le mot de passe de votre compte a changé."),
    "accounts.factor.added": gettext_noop("Une protection a été ajoutée à votre compte."),
    "accounts.factor.removed": gettext_noop("Une protection a été retirée de votre compte."),
    "accounts.code.used": gettext_noop("Un code de secours a servi à entrer dans votre compte."),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a letter goes to: an address, in a language, discreetly or not."""

    address: str
    language: str
    discreet: bool


def link_asked(task: Task) -> list[Message]:
    """The link, or that there is no account to enter, or that there is one already."""
    link = mail_links.by_id(task.key("link"))
    if link is None or link.used_at is not None or link.ends_at <= task.at:
        return []
    kind = LinkKind(link.kind)
    template, subject = (_KNOWN if _leads_in(link, kind) else _UNKNOWN)[kind]
    person = link.account.person if link.account else None
    reader = Reader(link.email, link.language, bool(person and person.discreet))
    with override(link.language):
        leads_on = template.endswith("_link")
        path = link_path(kind, link.public_id) if leads_on else _page_for(template)
        return mail(task, reader, template, _(subject), {"link": absolute(path)})


def security_changed(task: Task) -> list[Message]:
    """Something that protects the account changed: its owner should know, if it was not them."""
    account = accounts.by_id(task.key("account"))
    if account is None or not account.is_active:
        return []
    reader = _reader_of(account)
    with override(reader.language):
        said = _(_CHANGES[task.letter.kind])
        return _told(task, reader, said)


def email_changed(task: Task) -> list[Message]:
    """To the address that the account had: it no longer signs in."""
    link = mail_links.by_id(task.key("link"))
    if link is None or link.account is None or not link.former_email:
        return []
    known = _reader_of(link.account)
    reader = Reader(link.former_email, known.language, known.discreet)
    with override(reader.language):
        return _told(task, reader, _("L’adresse de votre compte a changé."))


def contact_changed(task: Task) -> list[Message]:
    """To the address that is written now: it is the one."""
    person = people.with_rights(task.key("person"))
    if not person.email:
        return []
    reader = Reader(person.email, person.language, person.discreet)
    with override(reader.language):
        return _told(task, reader, _("Vos coordonnées ont changé : nous vous écrivons ici."))


def address_left(task: Task) -> list[Message]:
    """To the address that was written before: nothing comes there any more."""
    former = corrections.by_id(task.key("former"))
    if former is None or not former.value:
        return []
    reader = Reader(former.value, former.person.language, former.person.discreet)
    with override(reader.language):
        return _told(task, reader, _("Vos coordonnées ont changé : nous n’écrivons plus ici."))


def space_taken(task: Task) -> list[Message]:
    """To who acts for a young person: they have an own space, and what stays to be seen."""
    row = guardianships.by_id(task.key("guardianship"))
    if row is None:
        return []
    reader = reader_of_person(row.guardian)
    if reader is None:
        return []
    with override(reader.language):
        context = {"link": absolute(reverse("acting"))}
        return mail(task, reader, "own_space_taken", _("Ce que vous voyez change"), context)


def recovery_begun(task: Task) -> list[Message]:
    """To every address of the account: somebody says that its protections are lost."""
    recovery = recoveries.by_id(task.key("recovery"))
    if recovery is None or recovery.state != Recovery.WAITING or recovery.ready_at is None:
        return []
    sent: list[Message] = []
    for reader in _readers_of(recovery.account):
        with override(reader.language):
            context = {
                "link": absolute(recovery_path(STOP, recovery.public_id)),
                "day": plain_day(localtime(recovery.ready_at).date()),
            }
            sent += mail(task, reader, "recovery_begun", _("Votre compte"), context)
    return sent


def recovery_ready(task: Task) -> list[Message]:
    """To the address of the account alone: the time to object is over."""
    recovery = recoveries.by_id(task.key("recovery"))
    if recovery is None or not recoveries.ready(recovery, at=task.at):
        return []
    reader = _reader_of(recovery.account)
    with override(reader.language):
        context = {"link": absolute(recovery_path(FINISH, recovery.public_id))}
        return mail(task, reader, "recovery_ready", _("Votre lien pour entrer"), context)


def recovery_over(task: Task) -> list[Message]:
    """To every address: it was stopped, or it was done."""
    recovery = recoveries.by_id(task.key("recovery"))
    if recovery is None:
        return []
    done = recovery.state == Recovery.DONE
    sent: list[Message] = []
    for reader in _readers_of(recovery.account):
        with override(reader.language):
            said = (
                _("Votre compte est récupéré : ses anciennes protections n’ouvrent plus rien.")
                if done
                else _("La récupération de votre compte est arrêtée : vos protections restent.")
            )
            sent += _told(task, reader, said)
    return sent


def _readers_of(account: Account) -> list[Reader]:
    """Every address that the product knows of an account's owner."""
    known = _reader_of(account)
    person, psychologist = account.person, account.psychologist
    addresses = dict.fromkeys(
        [
            "" if account.email.endswith(NOWHERE) else account.email,
            person.email if person else "",
            psychologist.email if psychologist else "",
        ]
    )
    return [Reader(one, known.language, known.discreet) for one in addresses if one]


def correction_asked(task: Task) -> list[Message]:
    """To the person: their request has left, should it not be theirs."""
    reader = _reader_of_request(task.key("correction"))
    if reader is None:
        return []
    with override(reader.language):
        return _told(task, reader, _("Une correction de votre identité a été demandée."))


def correction_answered(task: Task) -> list[Message]:
    """To the person: the answer is there to read, and is not in the mail."""
    reader = _reader_of_request(task.key("correction"))
    if reader is None:
        return []
    with override(reader.language):
        context = {"link": absolute(reverse("own_correction"))}
        return mail(task, reader, "answer", _("Une réponse vous attend"), context)


def _reader_of_request(request_id: int) -> Reader | None:
    """Whoever the request is about, where they are written to; None without an address."""
    request = corrections.request_by_id(request_id)
    if request is None:
        return None
    return reader_of_person(request.person)


def reader_of_person(person: Person) -> Reader | None:
    """Somebody where they are written to, else at their account; None without an address."""
    if person.email:
        return Reader(person.email, person.language, person.discreet)
    account = accounts.of_person(person.pk)
    return _reader_of(account) if account is not None else None


def _leads_in(link: MailLink, kind: LinkKind) -> bool:
    """Whether the letter is that of an account's own address."""
    if kind == LinkKind.EMAIL:
        return accounts.by_email(link.email) is None
    return link.account is not None and link.account.is_active


def _page_for(template: str) -> str:
    return reverse("join" if template == "no_account" else "sign_in")


def _reader_of(account: Account) -> Reader:
    person = account.person
    language = person.language if person else "fr"
    return Reader(account.email, language, bool(person and person.discreet))


def _told(task: Task, reader: Reader, said: str) -> list[Message]:
    context = {"said": said, "link": absolute(reverse("security"))}
    return mail(task, reader, "security_changed", _("Votre compte a changé"), context)


def mail(
    task: Task, reader: Reader, template: str, subject: str, context: dict[str, Any]
) -> list[Message]:
    """One mail to a reader, discreet when they asked for it; none without a courier of mails."""
    if MAIL not in task.channels:
        return []
    sender = settings.MAIL_FROM_DISCREET if reader.discreet else settings.MAIL_FROM
    return [
        Message(
            channel=MAIL,
            recipient=PERSON,
            to=reader.address,
            subject=_("Un message pour vous") if reader.discreet else subject,
            body=body_of(template, {**context, "discreet": reader.discreet}),
            sender_name=sender_name(reader.discreet),
            sender=sender,
        )
    ]
