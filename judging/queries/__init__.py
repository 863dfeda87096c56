"""What is seen of rounds, sheets, results, notices and the jury; one module per noun."""
