"""The fund foreseen: how pools grow, and what the months to come cost."""
