"""Ways of running a program; a module each. Only these import docker."""
