"""Shows that webhooks lose nothing: receivers fail half the time, and the workers are killed at random moments."""
