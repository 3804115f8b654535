"""The model catalogue: a name to a backend, an endpoint, a served name, defaults."""

from harness.models.catalogue import all_models, find_model

__all__ = ["all_models", "find_model"]
