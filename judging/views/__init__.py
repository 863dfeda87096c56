"""Pages of the review, one module per noun."""
