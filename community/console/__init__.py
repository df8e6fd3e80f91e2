"""社区控制台 The community staff's pages."""
