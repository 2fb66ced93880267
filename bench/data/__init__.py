"""Datasets: name -> uint8 images and labels, in splits."""
