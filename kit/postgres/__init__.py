"""Django's PostgreSQL, with a cheaper look at whether the connection still stands."""
