"""Scenarios as tests: those of the shipped pathways, and one for every turn of the language."""
