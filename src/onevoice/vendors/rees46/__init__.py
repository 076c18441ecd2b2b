"""Message tables such as REES46 publishes: one row a message, with flags and times."""
