"""What else a log knows: families of candidate columns, added one at a time to the product's own login rows."""
