"""The body of every verb that computes, in a file named as the verb."""
