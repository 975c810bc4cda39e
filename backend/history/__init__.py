"""What a resident has given so far: readings, volumes by month, receipts, and a chart of them."""
