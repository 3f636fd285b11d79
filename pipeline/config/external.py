"""The section `external` of params.yaml: tables and calendars beside the log, besides those of its contract."""

from features.dated import DatedCalendar, DatedTable
from pipeline.config.section import Section


class External(Section):
    tables: tuple[DatedTable, ...]
    calendars: tuple[DatedCalendar, ...]
