"""What makes a history provable: canonical bytes and the chain over them."""
