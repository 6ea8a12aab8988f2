"""What a pathway file may say, and what it means."""
