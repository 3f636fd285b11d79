"""Support of measurements: processes, project folders and stored figures."""
