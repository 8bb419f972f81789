"""The decision rules of Menshen: presentation, snapshot and time in, decision out."""
