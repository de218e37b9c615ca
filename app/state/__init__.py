"""What pages know and do: cached reads, the only writes, jobs, Prefect and MLflow."""
