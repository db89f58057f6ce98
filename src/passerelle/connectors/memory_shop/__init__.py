"""A shop that lives in memory, or in one JSON file: the executable specification of the Shop and OrderDesk ports."""
