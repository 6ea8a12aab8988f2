"""What people see of bansou in a browser: one family of pages per module.

A page asks `engine.api` and shows the answer in Japanese and English. It has
no rules of its own: what may be done, by whom and until when is the engine's
to say.
"""
