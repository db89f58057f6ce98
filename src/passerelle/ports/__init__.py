"""What Passerelle asks of the systems around it. Ports take and give domain structs, never actions."""
