"""Measures the engine: jobs and sizes, the floor under each job, and peers that have to give the same answer."""
