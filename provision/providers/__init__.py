"""Where machines come from. `protocol` says what a provider can do, `directory` which there are."""
