"""The WSGI application that serves the pages."""
import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.desk.settings")
application = get_wsgi_application()

from shouwang.desk.calls.advice import warm  # noqa: E402

# Streets and compiled searches are read while the first pages are served: no dispatcher waits for them.
threading.Thread(target=warm, daemon=True).start()
