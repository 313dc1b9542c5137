"""Tests of the Smart Check."""
