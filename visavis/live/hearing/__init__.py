"""What the avatar hears: voice activity, turns, transcripts."""
