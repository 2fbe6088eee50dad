"""How is it kept? Identifying and clinical text, sealed at rest."""

from soutien.sealing.box import SealingError, blind_index, seal, unseal
from soutien.sealing.field import SealedJSONField, SealedTextField

__all__ = ["SealedJSONField", "SealedTextField", "SealingError", "blind_index", "seal", "unseal"]
