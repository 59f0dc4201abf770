"""Reading other systems' files: what a column means (mapping), what stands in a line (lines, cells), the run itself."""
