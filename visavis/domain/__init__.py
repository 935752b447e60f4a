"""What the product promises: avatars, voices, videos, assets, webhooks and quotas. No HTTP here."""
