"""The five laboratory values a deal asks for where nobody names others.

This material contains content from LOINC (https://loinc.org); the notice stands in NOTICE.
"""

LOINC = "http://loinc.org"

DEFAULT_LABORATORY_CODES = {
    "4548-4": "Hemoglobin A1c/Hemoglobin.total in Blood",
    "2345-7": "Glucose [Mass/volume] in Serum or Plasma",
    "2093-3": "Cholesterol [Mass/volume] in Serum or Plasma",
    "2160-0": "Creatinine [Mass/volume] in Serum or Plasma",
    "718-7": "Hemoglobin [Mass/volume] in Blood",
}
