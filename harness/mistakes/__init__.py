"""Known ways to get a vanilla RNN wrong, a file per family, and how to recognise them."""
