"""The page behind a mail: a psychologist says what is still true."""
