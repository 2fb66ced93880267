"""Networks and files of an evaluation: from images to features, from features to rows."""
