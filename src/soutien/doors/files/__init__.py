"""Files that come from elsewhere: read line by line, refused line by line. See docs/imports.md."""
