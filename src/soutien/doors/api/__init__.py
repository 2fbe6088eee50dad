"""The door of programs: /api/v1, as docs/openapi.json and docs/api.md tell it."""
