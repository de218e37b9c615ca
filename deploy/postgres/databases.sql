-- Run once, by PostgreSQL's own image, when the data folder is still empty: a database and a role
-- for each part of the stack, so that none of them can read another's data.

\getenv records_password RECORDS_PASSWORD
CREATE ROLE records LOGIN PASSWORD :'records_password';
CREATE DATABASE records OWNER records;
REVOKE ALL ON DATABASE records FROM PUBLIC;

\getenv mlflow_password MLFLOW_PASSWORD
CREATE ROLE mlflow LOGIN PASSWORD :'mlflow_password';
CREATE DATABASE mlflow OWNER mlflow;
REVOKE ALL ON DATABASE mlflow FROM PUBLIC;

\getenv prefect_password PREFECT_PASSWORD
CREATE ROLE prefect LOGIN PASSWORD :'prefect_password';
CREATE DATABASE prefect OWNER prefect;
REVOKE ALL ON DATABASE prefect FROM PUBLIC;
