"""From images to rows of results: feature extractors, feature files, references."""
