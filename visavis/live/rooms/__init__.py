"""The embedded room server: LiveKit's protocol for one machine, with nothing to install."""
