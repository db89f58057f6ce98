"""Effects: observe both sides and spool a plan; run a plan in batches, settle doubts, one arm per error family."""
