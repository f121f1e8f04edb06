"""gunicorn's settings, read by itself where it is started beside this file. See docs/deploy.md."""

import os

wsgi_app = "survey:create_app()"
bind = f"{os.environ.get('PRIKK_HOST', '127.0.0.1')}:{os.environ.get('PRIKK_PORT', '8000')}"
# Phones keep a stream open each: thousands of greenlets, which threads or processes could not be.
worker_class = "gevent"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_connections = 10_000
# The driver chooses how it waits when it is imported, which must be after the worker has patched.
preload_app = False
# It would lie in the home folder, where two instances collide and others may write.
control_socket_disable = True
# No line per request: addresses beside the times of ballots would be traces of people.
accesslog = None
# Streams never end by themselves, so whoever still listens is let go after a moment.
graceful_timeout = 3
keepalive = 75
limit_request_line = 4_094
limit_request_fields = 60
limit_request_field_size = 8_190
# Written at every beat; on a disk that is slow just then a worker would be taken for dead.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
