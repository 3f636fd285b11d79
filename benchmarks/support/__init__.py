"""How measurements start processes, lay out project folders and keep figures."""
