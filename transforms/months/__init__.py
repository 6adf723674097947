"""What is settled by calendar month: promoters, their ladder and mentors, regional agents and partners (SPEC 8, 9)."""
