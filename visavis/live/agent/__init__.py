"""The process behind one avatar in one room."""
