"""The settlement of a range of days: what is read, in which order it is computed, and how it becomes the truth."""
