"""Laws, held against generated cases."""
