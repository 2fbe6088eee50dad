"""Pages of those who wait or ask, and the inbox that answers them."""
