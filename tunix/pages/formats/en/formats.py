"""Times are shown in the zone of the setting TIME_ZONE, and name it."""

DATETIME_FORMAT = "Y-m-d H:i:s T"
