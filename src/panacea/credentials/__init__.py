"""Verifiable credentials: RDF and its canonical form, cryptosuites, the VC data model and status lists."""
