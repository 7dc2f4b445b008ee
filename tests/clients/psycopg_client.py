"""psycopg with the URIs of the API. Wants NEON_API_URL (an origin) and NEON_API_KEY."""

import json
import os
import urllib.request

import psycopg


def post(path, body):
    request = urllib.request.Request(
        os.environ["NEON_API_URL"] + "/api/v2" + path,
        data=json.dumps(body).encode(),
        headers={"authorization": "Bearer " + os.environ["NEON_API_KEY"]},
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


made = post("/projects", {"project": {"name": "psycopg"}})
uri = made["connection_uris"][0]["connection_uri"]

with psycopg.connect(uri) as connection:
    connection.execute("CREATE TABLE notes (id int, note text)")
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO notes VALUES (%s, %s)", [(1, "one"), (2, "two")])
        with cursor.copy("COPY notes FROM STDIN") as copy:
            copy.write_row((3, "three"))

with psycopg.connect(uri, prepare_threshold=0) as connection:
    rows = connection.execute("SELECT note FROM notes WHERE id > %s ORDER BY id", (1,)).fetchall()
    assert rows == [("two",), ("three",)], rows
    assert connection.info.parameter_status("TimeZone") == "GMT"

other = post(f"/projects/{made['project']['id']}/branches", {"endpoints": [{"type": "read_write"}]})
with psycopg.connect(other["connection_uris"][0]["connection_uri"]) as connection:
    connection.execute("DELETE FROM notes")
with psycopg.connect(uri) as connection:
    assert connection.execute("SELECT count(*) FROM notes").fetchone() == (3,)

try:
    psycopg.connect(uri.replace(":npg_", ":npg_x"))
except psycopg.OperationalError as error:
    assert "password authentication failed" in str(error), error
else:
    raise AssertionError("a wrong password opens it")
