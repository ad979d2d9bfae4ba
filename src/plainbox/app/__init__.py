"""What plainbox can do, as front ends ask for it: load, choose, run, resume."""
