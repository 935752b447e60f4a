"""What the avatar answers."""
