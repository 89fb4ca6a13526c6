"""Posts and patrol lines, each with a certificate or an honest word on how it was found."""
