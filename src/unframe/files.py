"""Files in and out: walking what the user named, planning where outputs go, writing without half files."""
