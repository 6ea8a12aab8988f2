"""Strict reading of files: positions kept, nothing guessed, errors in Japanese and English."""
