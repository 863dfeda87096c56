"""The roof: settings, addresses, background work. It names every app; no app names it."""
