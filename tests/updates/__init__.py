"""Updates from every supported release."""
