"""The pages and actions of the web app, a file a screen."""
