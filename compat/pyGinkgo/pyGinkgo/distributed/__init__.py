"""Distributed partitions, vectors, matrices and operators."""
