"""This room shows rows, labels, reasons, outcomes and counts: each has one JSON form and one text form."""
