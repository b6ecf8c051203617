"""Known ways to get a vanilla RNN wrong, a file per family; what they look like from outside, and which of them a check can see."""
