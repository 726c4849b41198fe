"""An example of a package that adds to screener: a format of exports, a model and a kind of reviewer."""
