"""The known mistakes, a file for each family; `harness.mistakes.catalogue` lists them all."""
