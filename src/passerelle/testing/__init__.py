"""The contract kit every connector must pass, and the faults that try it."""
