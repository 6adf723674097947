"""What the business decided: rulebooks in TOML, a source beside every number."""
