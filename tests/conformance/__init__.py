"""Conformance: the same cases against every implementation."""
