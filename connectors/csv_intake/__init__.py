"""Reads the consultation ledger (相談台帳) that an office keeps in Excel, as CSV."""
