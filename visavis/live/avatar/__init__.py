"""The avatar on air: an endless stream of frames and sound by one clock."""
