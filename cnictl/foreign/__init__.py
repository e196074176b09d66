"""Other programs' documents, as far as cnictl reads them."""
