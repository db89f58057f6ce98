"""Passerelle's own data: links, sent facets, plans, journal, runs, issues."""
