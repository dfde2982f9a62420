"""Keys, signatures, sealing and the curves under them."""
