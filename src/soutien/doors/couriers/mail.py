"""Mails by Django's backend, SMTP in life.

A mail server does not say whether it took a message before the line went dead: when a courier
stops between sending and noting it, the mail is sent once more, with the same Message-ID, and
never a third time.
"""

from __future__ import annotations

import smtplib
from contextlib import suppress
from email.utils import formataddr
from uuid import UUID

from django.core.mail import EmailMultiAlternatives, get_connection

from soutien.doors.couriers.message import Message, NeverSent, NotSent

PERMANENT = 500
# What a server says before it takes the message: it has not taken it.
BEFORE_TAKING = (
    smtplib.SMTPHeloError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPNotSupportedError,
    smtplib.SMTPAuthenticationError,
)


def composed(message: Message, key: UUID) -> EmailMultiAlternatives:
    """The mail. Its Message-ID is the message's key for ever; no header says who we are."""
    domain = message.sender.rpartition("@")[2]
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.body,
        from_email=formataddr((message.sender_name, message.sender)),
        to=[message.to],
        headers={"Message-ID": f"<{key}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    if message.calendar:
        text = message.calendar.decode()
        mail.attach_alternative(text, f"text/calendar; method={message.method}")
        mail.attach("rendez-vous.ics", text, f"text/calendar; method={message.method}")
    return mail


class MailCourier:
    """Sends by the backend that the settings name; every mail on a line of its own."""

    def send(self, message: Message, key: UUID) -> None:
        mail = composed(message, key)
        connection = get_connection()
        try:
            connection.open()
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent("mail_server_unreachable") from error
        try:
            connection.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _text in error.recipients.values()]
            if all(code >= PERMANENT for code in codes):
                raise NeverSent("mail_address_refused") from error
            raise NotSent("mail_address_refused_for_now") from error
        except smtplib.SMTPDataError as error:
            if error.smtp_code >= PERMANENT:
                raise NeverSent("mail_refused") from error
            raise NotSent("mail_refused_for_now") from error
        except BEFORE_TAKING as error:
            raise NotSent("mail_server_refuses_us") from error
        finally:
            # The mail has left by now: a line that ends badly changes nothing.
            with suppress(OSError, smtplib.SMTPException):
                connection.close()

    def arrived(self, key: UUID) -> bool | None:
        return None
