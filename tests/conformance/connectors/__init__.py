"""What every connector must do in the same way."""
