"""Published weights and reference data: their origin, their hashes and their licences."""
