"""The HTTP side of live sessions: HeyGen's streaming dialect, its sockets, the room's door."""
