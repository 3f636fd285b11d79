"""Who the users are, whom they know, and what changes in their lives; the calendar, countries and gaps of the game."""
