"""Search spaces that were written for other tools, in our words: one small module a tool.

The values of a translated parameter are always values that the source would draw. Where only their weights are lost,
the report says so; where not even the values can be kept, the parameter is refused and left out.
"""
