"""Training: the losses, the moving average, the state a killed run resumes from, the loop."""
