"""What the planners share: when to stop, and how good an answer is proven to be."""
