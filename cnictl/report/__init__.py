"""Results: findings, reports and the policy applied to them. Knows nothing of CNI."""
