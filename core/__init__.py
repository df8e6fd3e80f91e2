"""The ground floor: settings, database, clock, areas, staff, privacy, audit, jobs and the console frame."""
