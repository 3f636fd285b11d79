"""What users do on a login day, what it does to them, and when and why they leave."""
