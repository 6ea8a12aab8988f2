"""Services on each database."""
