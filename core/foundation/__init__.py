"""What every other room stands on: errors, settings, files, records, people's keys, caches."""
