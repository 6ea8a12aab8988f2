"""A store made by the migrations is the store that the engine expects."""
