"""Which object is made of which; nothing here decides anything."""
