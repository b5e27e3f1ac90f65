//! What episodes found, as the shortest sequences that show it.
