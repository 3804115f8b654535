"""The model catalogue: a name to a backend, an endpoint, a served name, defaults."""
