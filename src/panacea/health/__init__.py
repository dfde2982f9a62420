"""Health records: FHIR R4 as credential subjects, what of them leaves, where they are read from and written to.

bytes -> parse_json -> resource -> subject_form -> (credential) -> select -> disclosed -> rows -> Parquet
"""
