"""Large generative models of a user's own: one interface, found at run time, from local folders."""
