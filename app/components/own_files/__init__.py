"""Price files of one's own: chosen, looked at, and stored when a person says so."""
