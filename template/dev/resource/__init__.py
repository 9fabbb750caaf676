"""`poe resource`: writes a resource with its migration and tests from one line."""
