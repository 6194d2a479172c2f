"""All rules applied to a page, or to two, and what they found, for people and for machines."""
