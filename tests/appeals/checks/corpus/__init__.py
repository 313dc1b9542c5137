"""Evidence files as sellers hand them in: honest ones, and edited, re-used or contradictory ones. All are built here,
byte for byte the same in every run."""
