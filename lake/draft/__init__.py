"""The writer: tables as a run changes them, in memory and on disk, until they are committed; what dead runs left."""
