"""What programs call, and what runs beside them: audits of tables in memory, scorers, and records of how decisions are made."""
