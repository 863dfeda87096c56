"""Forms in front of the actions, one module per noun."""
