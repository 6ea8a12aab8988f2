"""The steps that bring a store's tables to the present version, in order. Released steps never change."""
