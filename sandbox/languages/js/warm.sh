true  # nothing to prepare: node starts from its own snapshot
