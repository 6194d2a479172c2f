"""What a run left behind, as data and as a page: records, results, verdict, tables, timeline. No pytest in here."""
