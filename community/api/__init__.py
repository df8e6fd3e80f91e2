"""居民接口 The residents' JSON API under /api/v1."""
