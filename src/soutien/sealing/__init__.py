"""How is it kept? Identifying and clinical text, sealed at rest."""
