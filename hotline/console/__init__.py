"""热线控制台 The pages hotline operators work in."""
