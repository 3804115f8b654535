"""Ways of reaching a model; a module each. Only these import openai or httpx."""
