"""What the columns of a file mean, and what stands in their cells."""
