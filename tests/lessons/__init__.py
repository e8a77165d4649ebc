"""One module per demo: what its lesson claims."""
