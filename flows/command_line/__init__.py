"""The commands of `settle` as they are typed: options, help texts, defaults. What they do: `flows.commands`."""
