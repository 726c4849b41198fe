"""Tables on pages, found by their rules or by how their cells stand, as grids."""
