"""The commands as they are typed: names, options and help. Each imports what it needs when it runs."""
