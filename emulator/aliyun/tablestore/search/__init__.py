"""Search indexes: their fields, the documents that they hold, and the queries that they answer."""
