"""Ways to get an RNN, a GRU or an LSTM wrong, a file per family, and how to recognise them."""
