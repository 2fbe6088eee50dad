"""The pages of a complementary insurer."""
