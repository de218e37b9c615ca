"""The stored bars: one Parquet file a ticker in a folder or on S3, and a copy in ClickHouse."""
