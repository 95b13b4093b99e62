"""Rephrase: other ways to say each annotated user step, asked of a model, cleaned, counted and measured."""
