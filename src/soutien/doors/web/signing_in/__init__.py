"""Signing in and out, and where each role starts."""
