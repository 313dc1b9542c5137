"""What changes facts and what is published of them."""
