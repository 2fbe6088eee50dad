"""Pages about a child's consents: by the appointment, by a holder's link, for the psychologist."""
