"""Tests mirror the rooms; walks, house, proof and field tests stand beside them."""
