"""« Ma sécurité »: what protects an account, and where it is signed in."""
