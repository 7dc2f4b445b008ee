"""Leads clients that know the address https://console.neon.tech only to the mock, unmodified.

They heed HTTPS_PROXY. The proxy here ends TLS with a certificate of its own, and passes every byte on to NEON_API_URL.
"""

import contextlib
import os
import socket
import ssl
import subprocess
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlsplit

HOST = "console.neon.tech"


def pump(source, sink):
    """Passes bytes on until one end has none any more, and ends both: a connection that breaks there breaks here."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        # The other direction waits for bytes, which a mere close would leave waiting.
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def serve(client, context, address):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = client.recv(1)
        if not byte:
            return
        head += byte
    if not head.startswith(f"CONNECT {HOST}:443 ".encode()):
        client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        client.close()
        return
    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    with contextlib.suppress(ssl.SSLError, OSError):
        secure = context.wrap_socket(client, server_side=True)
        mock = socket.create_connection(address)
        threading.Thread(target=pump, args=(secure, mock), daemon=True).start()
        pump(mock, secure)


def certificate(folder):
    files = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}",
         "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", files[0], "-out", files[1]],
        check=True, capture_output=True,
    )
    return files


@contextlib.contextmanager
def environment(url=None):
    """The environment in which a client finds the mock, for as long as this lasts."""
    address = urlsplit(url or os.environ["NEON_API_URL"])
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        key, cert = certificate(Path(folder))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    client, _ = server.accept()
                    arguments = (client, context, (address.hostname, address.port))
                    threading.Thread(target=serve, args=arguments, daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        # Node gets the authority of the databases in the same file.
        trusted = Path(folder) / "trusted.pem"
        others = os.environ.get("NEON_POSTGRES_CA")
        trusted.write_text(cert.read_text() + (Path(others).read_text() if others else ""))
        proxy = f"http://127.0.0.1:{server.getsockname()[1]}"
        yield os.environ | {
            "HTTPS_PROXY": proxy, "https_proxy": proxy, "NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1",
            "REQUESTS_CA_BUNDLE": str(cert), "NODE_EXTRA_CA_CERTS": str(trusted),
        }
