"""``cnictl exec``: one module for each verb, and what they share."""
