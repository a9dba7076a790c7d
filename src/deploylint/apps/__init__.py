"""What an app's own code and settings say, one package a language, and which migrations starting it applies."""
