"""The API contract: `openapi.json`, and the changes that break clients."""
