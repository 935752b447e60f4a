"""Live avatars: sessions, the agent that speaks and hears, and the embedded room server."""
