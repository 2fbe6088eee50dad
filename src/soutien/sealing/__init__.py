"""How is it kept? Identifying and clinical text, sealed at rest."""

from soutien.sealing.box import blind_index, blind_indexes, row_name, seal, several_keys, unseal
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
    "index_field",
    "row_name",
    "seal",
    "sealed_field",
    "several_keys",
    "unseal",
]
