"""The wire: what crossed, kept by the tap and decoded layer by layer."""
