"""How is it kept? Identifying and clinical text, sealed at rest."""

from soutien.sealing.box import blind_index, blind_indexes, row_name, seal, several_keys, unseal
from soutien.sealing.by_code import code_from, open_by, place_of, plain_code, seal_by
from soutien.sealing.field import (
    BlindIndexField,
    ForRow,
    SealedJSONField,
    SealedTextField,
    index_field,
    sealed_field,
)
from soutien.sealing.keyfile import SealingError

__all__ = [
    "BlindIndexField",
    "ForRow",
    "SealedJSONField",
    "SealedTextField",
    "SealingError",
    "blind_index",
    "blind_indexes",
    "code_from",
    "index_field",
    "open_by",
    "place_of",
    "plain_code",
    "row_name",
    "seal",
    "seal_by",
    "sealed_field",
    "several_keys",
    "unseal",
]
