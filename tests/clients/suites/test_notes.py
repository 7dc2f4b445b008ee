"""A suite as users of pytest-neon have it. The branch comes from a parent on which there is a note."""

import os

import psycopg
import pytest
from sqlalchemy import text


@pytest.fixture(scope="session")
def neon_apply_migrations(_neon_test_branch):
    branch, is_creator = _neon_test_branch
    # Its manual says that this runs in one worker only, but 3.0.1 runs it in each.
    if not is_creator:
        return
    with psycopg.connect(branch.connection_string) as connection:
        connection.execute("ALTER TABLE notes ADD COLUMN stars int NOT NULL DEFAULT 3")


def test_the_variable_opens_the_branch(neon_branch):
    assert os.environ["DATABASE_URL"] == neon_branch.connection_string
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT note, stars FROM notes").fetchall() == [("of the parent", 3)]


def test_psycopg_writes(neon_connection_psycopg):
    neon_connection_psycopg.execute("INSERT INTO notes (note) VALUES ('rolled back')")
    count = neon_connection_psycopg.execute("SELECT count(*) FROM notes").fetchone()
    assert count == (2,)
    neon_connection_psycopg.rollback()


def test_psycopg2_writes(neon_connection):
    with neon_connection.cursor() as cursor:
        cursor.execute("DELETE FROM notes WHERE note = %s", ("of the parent",))
        assert cursor.rowcount == 1


def test_what_was_not_committed_is_not_there(neon_engine):
    with neon_engine.connect() as connection:
        assert connection.execute(text("SELECT note FROM notes")).scalars().all() == ["of the parent"]
