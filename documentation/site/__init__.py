"""The site around a page: its files at a revision or in a folder, which address leads where, anchors of other pages."""
