"""What is kept about somebody, shown to them."""
