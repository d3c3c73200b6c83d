"""History in, findings out. Pure: no clock, no database; every decision gives its reason."""
