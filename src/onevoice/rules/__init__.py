"""The judge: contact policies as four small tables, read by four kernels; pure, it touches nothing outside."""
