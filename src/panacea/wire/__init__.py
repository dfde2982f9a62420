"""What crosses the border: descriptors, messages, transactions, sign bytes, JSON, canonical CBOR."""
