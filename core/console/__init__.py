"""控制台框架 Console frame: login, layout, charts and tables that every staff page stands in."""
