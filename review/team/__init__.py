"""What goes to the team, what it answers, and what that comes to; the same for Argilla and for packs."""
