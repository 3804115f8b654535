"""Reports and tables from recorded runs. Only these import pandas, altair and jinja2."""
