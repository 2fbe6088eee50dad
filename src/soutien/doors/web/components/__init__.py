"""What the parts of a page need to be drawn: small frozen dataclasses, no page, no request."""
