"""The care sheet, as a page and on paper."""
