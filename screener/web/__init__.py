"""The local web app in which people judge, resolve, extract and look."""
