"""What a random world is made of: a rulebook, reference files, daily feeds, and the files that hold them."""
