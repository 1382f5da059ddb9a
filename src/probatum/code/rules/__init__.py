"""The rules about programs, one file each."""
