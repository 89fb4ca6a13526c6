"""The WSGI application that serves the pages."""
import gc
import os
import sys
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.desk.settings")
application = get_wsgi_application()

from shouwang.desk.calls import advice as calls  # noqa: E402
from shouwang.desk.cordon import advice as cordon  # noqa: E402


def warm() -> None:
    """Streets and compiled searches are read while the first pages are served: no dispatcher waits for them."""
    calls.warm()
    cordon.warm()
    # What stands now stays. Looked through at each full collection, it would keep everybody waiting for a third of a
    # second at times.
    gc.collect()
    gc.freeze()


# Who writes asks for the interpreter after each statement, and holds the others up until it gets it.
sys.setswitchinterval(0.0005)
threading.Thread(target=warm, daemon=True).start()
