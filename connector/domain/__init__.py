"""What the office talks about: frozen values, no input or output, standard library only."""
