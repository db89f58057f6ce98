"""The one HTTP client: session, retry of reads, rate limit per host, redaction, status → error."""
