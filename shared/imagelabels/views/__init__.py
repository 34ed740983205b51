"""How records, labels, reasons and outcomes are shown: one JSON form and one text form."""
