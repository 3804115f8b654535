"""The suite `sets`: suite.yaml beside this file defines it, problems.jsonl holds its problems."""
