"""One file for each rule; the file's name is the rule's."""
