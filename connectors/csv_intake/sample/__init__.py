"""A made-up ledger of a made-up town, for trying bansou out."""
