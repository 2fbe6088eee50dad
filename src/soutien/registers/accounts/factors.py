"""Questions to the second factors of accounts: a key for codes, passkeys, codes on paper.

What may be taken once is taken by one statement that says whether it was still there: two
processes that try at the same moment never both succeed.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from soutien.registers.accounts.models import Passkey, RecoveryCode, TotpKey


def totp_key(account_id: int) -> TotpKey | None:
    """The key that an account confirmed."""
    return TotpKey.objects.filter(account_id=account_id, confirmed_at__isnull=False).first()


def totp_draft(account_id: int) -> TotpKey | None:
    """The key that an account was shown and did not confirm yet."""
    return TotpKey.objects.filter(account_id=account_id, confirmed_at__isnull=True).first()


def draw_totp_key(account_id: int, *, secret: str, at: datetime) -> TotpKey:
    """Keep a key to confirm, in place of another that was not. Raises IntegrityError beside one
    that was confirmed."""
    TotpKey.objects.filter(account_id=account_id, confirmed_at__isnull=True).delete()
    return TotpKey.objects.create(account_id=account_id, secret=secret, made_at=at)


def keep_totp_key(key_id: int, *, counter: int, at: datetime) -> bool:
    """Confirm a key by its first code; false when it was confirmed before."""
    found = TotpKey.objects.filter(pk=key_id, confirmed_at__isnull=True)
    return bool(found.update(confirmed_at=at, last_counter=counter, last_used_at=at))


def take_counter(key_id: int, counter: int, *, at: datetime) -> bool:
    """Take the code of a moment; false when it, or a later one, was taken before."""
    found = TotpKey.objects.filter(pk=key_id, last_counter__lt=counter)
    return bool(found.update(last_counter=counter, last_used_at=at))


def drop_totp_key(account_id: int) -> None:
    """Forget the key, confirmed or not."""
    TotpKey.objects.filter(account_id=account_id).delete()


def passkeys(account_id: int) -> QuerySet[Passkey]:
    """The passkeys of an account, oldest first."""
    return Passkey.objects.filter(account_id=account_id).order_by("added_at", "id")


def passkey(account_id: int, public_id: uuid.UUID) -> Passkey | None:
    """One passkey of an account."""
    return Passkey.objects.filter(account_id=account_id, public_id=public_id).first()


def passkey_of_credential(credential_id: bytes) -> Passkey | None:
    """The passkey that a browser names."""
    return Passkey.objects.filter(credential_digest=digest_of(credential_id)).first()


def store_passkey(
    account_id: int,
    *,
    name: str,
    credential_id: bytes,
    credential: bytes,
    sign_count: int,
    at: datetime,
) -> Passkey:
    """Keep a passkey. Raises IntegrityError when it is somebody's already."""
    return Passkey.objects.create(
        account_id=account_id,
        name=name,
        credential_digest=digest_of(credential_id),
        credential=credential,
        sign_count=sign_count,
        added_at=at,
    )


def take_passkey(passkey_id: int, sign_count: int, *, at: datetime) -> bool:
    """Use a passkey; false when its counter went back, as a copy's would.

    Devices that do not count always say 0.
    """
    uncounted = Q(sign_count=0) if sign_count == 0 else Q(sign_count__lt=sign_count)
    found = Passkey.objects.filter(uncounted, pk=passkey_id)
    return bool(found.update(sign_count=sign_count, last_used_at=at))


def call_passkey(passkey_id: int, name: str) -> None:
    """Give a passkey another name."""
    Passkey.objects.filter(pk=passkey_id).update(name=name)


def drop_passkey(passkey_id: int) -> None:
    """Forget a passkey."""
    Passkey.objects.filter(pk=passkey_id).delete()


def replace_codes(account_id: int, digests: Collection[str], *, at: datetime) -> None:
    """New codes on paper; those of before open nothing any more."""
    RecoveryCode.objects.filter(account_id=account_id).delete()
    for digest in digests:
        RecoveryCode.objects.create(account_id=account_id, digest=digest, made_at=at)


def unused_codes(account_id: int) -> list[RecoveryCode]:
    """The codes on paper that are still good."""
    return list(RecoveryCode.objects.filter(account_id=account_id, used_at__isnull=True))


def codes_left(account_id: int) -> int:
    """How many codes on paper are still good."""
    return RecoveryCode.objects.filter(account_id=account_id, used_at__isnull=True).count()


def take_code(code_id: int, *, at: datetime) -> bool:
    """Use a code on paper; false when it was used before."""
    return bool(RecoveryCode.objects.filter(pk=code_id, used_at__isnull=True).update(used_at=at))


def drop_codes(account_id: int) -> None:
    """Forget the codes on paper."""
    RecoveryCode.objects.filter(account_id=account_id).delete()


def has_any(account_id: int) -> bool:
    """Whether an account has a second factor: a confirmed key or a passkey.

    Codes on paper are not one: they stand in for one that was lost.
    """
    return totp_key(account_id) is not None or passkeys(account_id).exists()


def count(account_id: int) -> int:
    """How many second factors an account has."""
    return int(totp_key(account_id) is not None) + passkeys(account_id).count()


def digest_of(credential_id: bytes) -> str:
    """What a passkey is found by."""
    return hashlib.sha256(credential_id).hexdigest()
