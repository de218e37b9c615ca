"""What the routes take and give, as the OpenAPI document states it."""
