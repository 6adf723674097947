"""What a purchase earns, and a refund takes back; who is rewarded for it (SPEC 4 and 7)."""
