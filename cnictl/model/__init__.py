"""The nouns of CNI: spec versions, network configs, results, attachments, capabilities."""
