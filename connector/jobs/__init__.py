"""Use cases. They know the ports and the pure stages, never an adapter;
timer, command and test call the same function."""
