"""分析 Analytics: pure analysis of complaint records. Knows neither Flask nor SQLAlchemy nor our other packages."""
