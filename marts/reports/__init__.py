"""The report: one self-contained HTML file a night or a month, made from the warehouse and nothing else."""
