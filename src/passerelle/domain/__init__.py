"""The canonical model: frozen structs that every connector speaks, and the pure rules on them."""
