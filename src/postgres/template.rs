//! What every data directory begins with.

/// The databases of the template, with what is done in each; a statement stands up to an empty line.
///
/// Up to version 15, whoever can create roles can become a member of any that is no superuser's. With those that run programs and
/// read files of the machine, the data of others would be open: they are made the superuser's.
pub(super) const TEMPLATE: [(&str, &str); 2] = [
    (
        "template1",
        "CREATE ROLE neon_superuser NOLOGIN CREATEDB CREATEROLE BYPASSRLS IN ROLE pg_read_all_data, pg_write_all_data;\n\n\
         GRANT ALL ON SCHEMA public TO neon_superuser WITH GRANT OPTION;\n\n\
         UPDATE pg_authid SET rolsuper = true WHERE rolname IN \
         ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files');\n\n",
    ),
    (
        "postgres",
        "CREATE SCHEMA neon_contract;\n\n\
         CREATE TABLE neon_contract.applied (kind text, id text, name text NOT NULL, version text NOT NULL, PRIMARY KEY (kind, id));\n\n",
    ),
];
