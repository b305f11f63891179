"""Networks by name: the grammar of the names, and the Keras models they stand for."""
