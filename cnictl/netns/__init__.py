"""Network namespaces: naming them, making and removing them."""
