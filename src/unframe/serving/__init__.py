"""HTTP service: bodies within limits, work in a bounded pool, pictures from URLs, and a page to try it.

Needs the extra ``serve``. `unframe.serving.run.serve` starts it; `unframe.serving.app.application` is the ASGI app.
"""
