"""harness: which model writes the best code for the money, and how sure are we?"""

__version__ = "0.1.0"
