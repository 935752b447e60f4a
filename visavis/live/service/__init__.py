"""Live sessions as the server runs them: rooms, agent processes, records."""
