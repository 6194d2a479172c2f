"""Pages of the documentation, checked: whether what they say is so.

pages        a page taken apart into blocks with ids
findings     what a rule is, and what it finds
programs     kubeadm and others, which know what a page may say of them
site         the site around a page: where links lead, which anchors other pages have
language     words of languages, by which sentences are judged
checks       rules about one page by itself
drift        rules about two editions or languages of a page
translations the revision that a translation follows, and what its original changed since
review       all changed pages between two revisions of a site, for a pull request
reports      all rules applied, and what they found, for people and for machines
claims       what the pages claim, which blocks say it, what decides it
execution    a walk: a page's own commands on a cluster; a failed block is repaired in `fallback.py`, and nowhere else
verdicts     walks, scenarios and rules brought together: the outcome of each claim

It could leave the house: of `provision` it knows the tools (`provision.util`) and one door, `provision.clusters_door`.
"""
