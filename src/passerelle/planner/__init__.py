"""Pure: what is wanted against what we last wrote gives actions. Nothing here reads or writes anything."""
