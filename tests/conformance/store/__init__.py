"""What every database must do in the same way."""
