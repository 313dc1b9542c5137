"""SMS by a gateway that operations choose."""
