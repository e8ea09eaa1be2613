"""The administrators' screens at the desk: offices, memberships, users. Rights are in ``cms.rights``."""
