"""What the website keeps: people, sessions, enterprises, portfolios, work, and who did what."""
