"""Opening hours, holidays and the seconds between two instants. Pure: no database, no clock, no models."""
