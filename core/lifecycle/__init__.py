"""A model's life: trained, challenged, promoted, compared, monitored."""
