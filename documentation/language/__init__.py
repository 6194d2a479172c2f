"""Words of languages: what asks for something, what negates, what counts."""
