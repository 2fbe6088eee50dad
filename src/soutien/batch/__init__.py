"""And for millions? The same rules, compiled, on files of sessions. Never imported by a page."""
