"""Ways to get an RNN, a GRU or an LSTM wrong, and who sees them.

`families` has the mistakes, a file for each family; `causes` names one in what an implementation
computed. The rest says which mistakes cases, or a user's own check, can see.
"""
