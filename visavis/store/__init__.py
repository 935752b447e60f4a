"""Where the service keeps what it knows: tables, blobs and signed links."""
