"""Translates search spaces written for other tools: one small module per tool.

A translated parameter only takes values that the source would draw too. When only their weights are lost, the report
says so; when the values cannot be kept, the parameter is refused and dropped.
"""
