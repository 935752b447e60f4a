"""HTTP: three dialects over one domain, files behind signed links, health and metrics."""
