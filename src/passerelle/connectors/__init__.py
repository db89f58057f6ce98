"""One folder a system, always the same files. Connectors do not know each other; only `app` imports them."""
