"""Other programs that do the same work; each is run as `python -m bench.peers.NAME TASK.json OUT`."""
