"""Rules about one page by itself, a subject a module; each takes milliseconds."""
