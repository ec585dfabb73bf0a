"""Serves a built page as `ecglite app` does, until standard input ends: python serve.py FOLDER PORT. Prints where."""

import sys
import threading
from pathlib import Path

from ecglite.app import assets, server

folder, port = sys.argv[1:]
served = server.Server(assets.load(Path(folder)), int(port))
threading.Thread(target=served.serve_forever, daemon=True).start()
print(served.address, flush=True)
sys.stdin.read()
