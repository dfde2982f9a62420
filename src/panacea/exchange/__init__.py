"""Both sides of a sale: how a holder offers a record, how a consumer orders and pulls, and the bytes between."""
