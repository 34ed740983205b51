"""Search indexes: what of a row they hold, when they see it, and the queries that they answer."""
