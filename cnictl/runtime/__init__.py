"""What libcni does, and what it gets wrong done right: loading, running chains, the result cache."""
