"""The checked outbound clients; vendors are handed one as a Protocol and know none of them."""
