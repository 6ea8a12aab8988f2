"""The source, held to what the project says about itself."""
