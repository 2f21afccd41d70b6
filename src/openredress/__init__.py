"""Petition and grievance casework: one record from the letter on the desk to the matter solved."""

__version__ = "0.1.0"
