"""Measures: responses in, raw numbers out, no state. What they return is private to the gate."""
