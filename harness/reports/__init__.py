"""Reports and tables from recorded runs. Only these import altair and jinja2."""
