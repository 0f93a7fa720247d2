"""The dossier of a case as a document: read through the API, described once, laid out as a page and as a PDF.

Always in Indonesian: it is what is shown to a court.
"""
