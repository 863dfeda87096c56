-- The two roles of the portal and their database. Run as a superuser, with psql;
-- running it again changes nothing but the passwords.
--
--   gongzhi_owner  owns the database and every table; only migrations use it.
--   gongzhi_app    owns nothing; the portal and its workers connect as this role.
--
-- Passwords come from the environment (OWNER_PASSWORD, APP_PASSWORD). Without
-- them the roles have none, and only a trusted local socket lets them in.
\set ON_ERROR_STOP on
\set owner_password ''
\set app_password ''
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD

SELECT 'CREATE ROLE gongzhi_owner LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gongzhi_owner') \gexec
SELECT 'CREATE ROLE gongzhi_app LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gongzhi_app') \gexec
ALTER ROLE gongzhi_owner NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS CREATEDB;
ALTER ROLE gongzhi_app NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS NOCREATEDB;
ALTER ROLE gongzhi_app SET idle_in_transaction_session_timeout = '2min';
SELECT format('ALTER ROLE gongzhi_owner PASSWORD %L', :'owner_password')
WHERE :'owner_password' <> '' \gexec
SELECT format('ALTER ROLE gongzhi_app PASSWORD %L', :'app_password')
WHERE :'app_password' <> '' \gexec

-- Default privileges belong to one database each. They stand in template1 too,
-- so that databases made later (those of the tests) start with them.
\connect template1
ALTER DEFAULT PRIVILEGES FOR ROLE gongzhi_owner
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO gongzhi_app;
ALTER DEFAULT PRIVILEGES FOR ROLE gongzhi_owner
    GRANT USAGE, SELECT ON SEQUENCES TO gongzhi_app;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;

\connect postgres
SELECT 'CREATE DATABASE gongzhi OWNER gongzhi_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'gongzhi') \gexec
REVOKE CONNECT, TEMPORARY ON DATABASE gongzhi FROM PUBLIC;
GRANT CONNECT ON DATABASE gongzhi TO gongzhi_app;

\connect gongzhi
ALTER DEFAULT PRIVILEGES FOR ROLE gongzhi_owner
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO gongzhi_app;
ALTER DEFAULT PRIVILEGES FOR ROLE gongzhi_owner
    GRANT USAGE, SELECT ON SEQUENCES TO gongzhi_app;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;
