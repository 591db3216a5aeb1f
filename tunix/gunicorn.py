"""gunicorn's configuration, named in the Procfile: listen where the settings say. `--bind` overrides it."""

from tunix.access.web_address import WebAddress
from tunix.settings import HOST, PORT

bind = WebAddress(HOST, PORT).bind
