"""Stored x incoming -> what to read next and what to change. Pure."""
