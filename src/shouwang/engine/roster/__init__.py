"""Who is on when: rosters that keep the law, and how good they are proven to be."""
