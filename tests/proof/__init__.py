"""The proof that what is fast is also right: a second, slower reading of every rule, and the runs that compare them."""
