"""This starts moto's own server as `moto_server` does, and prints its port, which the system has chosen."""

from __future__ import annotations

import os

# moto refuses every part below 5 MB unless it is told otherwise. The comparison uses the 100 kB that OSS takes.
os.environ.setdefault("S3_UPLOAD_PART_MIN_SIZE", "102400")

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

if __name__ == "__main__":
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler)
    os.environ["MOTO_PORT"] = str(server.server_port)
    print(server.server_port, flush=True)
    server.serve_forever()
