"""What is written in care, as pages and on paper."""
