"""Rules by kind. `rule.py` says what one is; every other module here is found by itself."""
