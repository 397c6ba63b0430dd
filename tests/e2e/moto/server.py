"""An S3 on 127.0.0.1 that ends with whoever started it: moto on a free port.

The first line on standard output is the port. With a file as argument, every write is noted there: method, path, bytes.
"""

import io
import os
import sys
import threading

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


def ends_with_parent():
    sys.stdin.read()
    os._exit(0)


def one_write_at_a_time(app):
    """A conditional put of S3 is atomic. Moto looks at the condition and then stores, each in a thread of its own, so that
    two puts with the same condition could both succeed."""
    turn = threading.Lock()

    def in_turn(environ, start_response):
        if environ["REQUEST_METHOD"] not in ("PUT", "POST", "DELETE"):
            return app(environ, start_response)
        # Read before it takes its turn: a sender that stalls keeps nobody waiting.
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        with turn:
            return list(app(environ, start_response))

    return in_turn


def noting(app, path):
    log = open(path, "a", buffering=1)

    def noted(environ, start_response):
        if environ["REQUEST_METHOD"] == "PUT":
            log.write("PUT %s %s\n" % (environ["PATH_INFO"], environ.get("CONTENT_LENGTH") or 0))
        return app(environ, start_response)

    return noted


app = one_write_at_a_time(DomainDispatcherApplication(create_backend_app))
if len(sys.argv) > 1:
    app = noting(app, sys.argv[1])
server = make_server("127.0.0.1", 0, app, threaded=True)
threading.Thread(target=ends_with_parent, daemon=True).start()
print(server.server_port, flush=True)
server.serve_forever()
