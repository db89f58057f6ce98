"""The typed options of a profile. One declaration is a key, its check, its field and its docs row."""
