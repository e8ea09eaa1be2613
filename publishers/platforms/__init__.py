"""The platforms of this tree, a package each: what it is, how an article looks there, how it is called."""
