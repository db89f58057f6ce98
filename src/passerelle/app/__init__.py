"""Registry, wiring and settings; the services (commands) and selectors (questions) that CLI and console call."""
