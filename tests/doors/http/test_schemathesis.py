"""The OpenAPI document says nothing that is not so: requests made from it, right and wrong, are answered as it says."""
