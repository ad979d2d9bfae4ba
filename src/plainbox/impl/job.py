"""Where the old documentation looks for the definition of jobs and their fields."""

from plainbox.units import Job

JobDefinition = Job

__all__ = ["JobDefinition"]
