"""Signing in with an identity that somebody else answers for (OpenID Connect)."""
