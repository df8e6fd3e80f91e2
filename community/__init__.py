"""社区 Community: the backend of the 乐享同德 mini-program."""
