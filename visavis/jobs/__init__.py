"""Durable work: render a video, create an avatar, deliver a webhook, expire what is old."""
